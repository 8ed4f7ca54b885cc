import type { TopicMetadata } from '../../kafka/wire/metadata.ts';
import type { Part } from '../reading.ts';

/** The worst first. Those of Kafka's own `kafka-topics --describe --…-partitions`, and replicas on brokers that are gone. */
export const isrStates = ['leaderless', 'under-min-isr', 'at-min-isr', 'under-replicated', 'offline-replica'] as const;
export type IsrState = (typeof isrStates)[number];

export interface PartitionHealth {
  readonly topic: string;
  readonly partition: number;
  /** Node id; undefined: nobody leads, nothing can be written or read. */
  readonly leader: number | undefined;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** Replicas whose broker or disk is gone. */
  readonly offline: readonly number[];
  /** The topic's min.insync.replicas. */
  readonly minIsr: Part<number>;
  readonly states: readonly IsrState[];
  /** Since when it has lacked a replica or a leader, as far as the readings reach. */
  readonly sinceMs: number;
}

/** From one reading to the next: brokers that left an ISR, or came back into it. */
export interface IsrEvent {
  readonly kind: 'shrink' | 'expand';
  readonly topic: string;
  readonly partition: number;
  readonly brokers: readonly number[];
  /** When it was seen: it happened between the reading before and this moment. */
  readonly atMs: number;
}

/** What the next reading is compared with. */
export interface SeenIsr {
  readonly topic: string;
  readonly partition: number;
  readonly isr: readonly number[];
}

/** States of every partition of the topics that are known, the healthy ones without any. */
export function partitionHealths(
  topics: readonly TopicMetadata[],
  minIsrOf: (topic: string) => Part<number>,
  nowMs: number,
): readonly PartitionHealth[] {
  return topics.flatMap(({ topic, partitions }) => {
    const minIsr = minIsrOf(topic);
    return partitions.map(({ partition, leader, replicas, isr, offline }) => {
      const has = { leader: leader < 0 ? undefined : leader, replicas, isr, offline, minIsr };
      return { topic, partition, ...has, states: statesOf(has), sinceMs: nowMs };
    });
  });
}

function statesOf({
  leader,
  replicas,
  isr,
  offline,
  minIsr,
}: Omit<PartitionHealth, 'topic' | 'partition' | 'states' | 'sinceMs'>): readonly IsrState[] {
  const holds: Readonly<Record<IsrState, boolean>> = {
    leaderless: leader === undefined,
    'under-min-isr': minIsr.known && isr.length < minIsr.value,
    'at-min-isr': minIsr.known && isr.length === minIsr.value && isr.length < replicas.length,
    'under-replicated': isr.length < replicas.length,
    'offline-replica': offline.length > 0,
  };
  return isrStates.filter((state) => holds[state]);
}

/** A partition that was there before and has another ISR now. Only replicas it still has: a reassignment is no event. */
export function isrEvents(
  before: readonly SeenIsr[],
  now: readonly PartitionHealth[],
  atMs: number,
): readonly IsrEvent[] {
  const earlier = new Map(before.map((seen) => [`${seen.topic}/${seen.partition}`, seen.isr]));
  return now.flatMap(({ topic, partition, isr, replicas }) => {
    const was = earlier.get(`${topic}/${partition}`);
    if (was === undefined) return [];
    const left = was.filter((id) => !isr.includes(id) && replicas.includes(id));
    const back = isr.filter((id) => !was.includes(id));
    const events: IsrEvent[] = [];
    if (left.length > 0) events.push({ kind: 'shrink', topic, partition, brokers: left, atMs });
    if (back.length > 0) events.push({ kind: 'expand', topic, partition, brokers: back, atMs });
    return events;
  });
}

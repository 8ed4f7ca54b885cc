import { z } from 'zod';
import { RefusedError } from '../errors.ts';
import { KafkaReader } from '../kafka/reader.ts';
import type { TopicMetadata } from '../kafka/wire/metadata.ts';
import { brokerIds } from '../stack/stack.ts';
import { type Fault, type FaultLab, faultKind } from './fault.ts';
import { bringBack, claimOf, requireRunning } from './node-recovery.ts';

type BrokerName = keyof typeof brokerIds;
const brokerNames = Object.keys(brokerIds) as [BrokerName, ...BrokerName[]];

/**
 * SIGSTOP of every broker but one that leads: it goes on alone, with an ISR that still names the others until
 * replica.lag.time.max.ms has passed. Healed by SIGCONT.
 */
export const frozenFollowers = faultKind({
  kind: 'freeze-followers',
  parameters: z.object({ leader: z.enum(brokerNames), frozen: z.array(z.enum(brokerNames)).min(1) }),
  target: ({ frozen }) => frozen.join(' '),
  does: ({ leader }) => ({
    ko: `SIGSTOP으로 멈춤, 리더 ${leader}만 남음`,
    en: `frozen by SIGSTOP; ${leader} leads alone`,
  }),
  claims: ({ frozen }) => frozen.map(claimOf),
  async check({ leader, frozen }, lab) {
    for (const node of [leader, ...frozen]) await requireRunning(node, lab);
  },
  async inject({ frozen }, { stack }) {
    for (const node of frozen) await stack.pause(node);
  },
  async heal({ frozen }, lab, _phase, signal) {
    // All of them first: none gets back into the ISR while its controller or leader waits for a frozen one.
    for (const node of frozen) await lab.stack.resume(node);
    for (const node of frozen) await bringBack(node, lab, signal);
  },
});

/**
 * Looks who leads now. @param partition absent: the broker that leads most partitions of the topic stays.
 * @throws EngineError when Kafka does not tell; RefusedError when nobody leads.
 */
export async function freezeFollowersOf(
  { topic, partition }: { readonly topic: string; readonly partition?: number },
  { endpoints, clock }: Pick<FaultLab, 'endpoints' | 'clock'>,
): Promise<Fault> {
  const reader = new KafkaReader(endpoints.kafka, clock);
  try {
    const { topics } = await reader.metadata([topic]);
    const leaderId = topics[0] === undefined ? undefined : leaderOf(topics[0], partition);
    const leader = brokerNames.find((name) => brokerIds[name] === leaderId);
    if (leader === undefined) throw nobodyLeads(topic, partition);
    return frozenFollowers.of({ leader, frozen: brokerNames.filter((name) => name !== leader) });
  } finally {
    await reader.close();
  }
}

/** @returns the broker that leads the partition, or most of them; undefined where none does. */
export function leaderOf({ partitions }: TopicMetadata, partition?: number): number | undefined {
  const led = partitions.filter(({ leader }) => leader >= 0);
  if (partition !== undefined) return led.find((one) => one.partition === partition)?.leader;
  const counts = new Map<number, number>();
  for (const { leader } of led) counts.set(leader, (counts.get(leader) ?? 0) + 1);
  return [...counts].sort(([leftId, left], [rightId, right]) => right - left || leftId - rightId)[0]?.[0];
}

function nobodyLeads(topic: string, partition: number | undefined): RefusedError {
  const what = partition === undefined ? topic : `${topic}/${partition}`;
  return new RefusedError(
    { ko: `${what}에는 지금 리더가 없습니다`, en: `nobody leads ${what} now` },
    { tryThis: ['labctl status', 'labctl topics create'] },
  );
}

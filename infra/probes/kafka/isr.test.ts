import { expect, test } from 'vitest';
import type { TopicMetadata } from '../../kafka/wire/metadata.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import { type KafkaIsr, kafkaIsr } from './isr.ts';
import { isrEvents, partitionHealths } from './isr-read.ts';

const topicOf = (
  partitions: readonly { leader?: number; replicas: number[]; isr: number[]; offline?: number[] }[],
): TopicMetadata => ({
  errorCode: 0,
  topic: 'orders',
  partitions: partitions.map(({ leader = 1, replicas, isr, offline = [] }, partition) => {
    return { errorCode: 0, partition, leader, replicas, isr, offline };
  }),
});

const statesOf = (topic: TopicMetadata, minIsr: Part<number>) =>
  partitionHealths([topic], () => minIsr, 0).map(({ states }) => states);

test('what a partition is, by its ISR', () => {
  const topic = topicOf([
    { replicas: [1, 2, 3], isr: [1, 2, 3] },
    { replicas: [1, 2, 3], isr: [1, 2] },
    { replicas: [1, 2, 3], isr: [1], offline: [3] },
    { leader: -1, replicas: [3], isr: [] },
  ]);
  expect(statesOf(topic, known(2))).toEqual([
    [],
    ['at-min-isr', 'under-replicated'],
    ['under-min-isr', 'under-replicated', 'offline-replica'],
    ['leaderless', 'under-min-isr', 'under-replicated'],
  ]);
});

test('two replicas of which both are required are at their limit by design, not for want of one', () => {
  expect(statesOf(topicOf([{ replicas: [1, 2], isr: [1, 2] }]), known(2))).toEqual([[]]);
});

test('whose settings may not be read is never said to be below them', () => {
  const topic = topicOf([{ replicas: [1, 2, 3], isr: [1] }]);
  expect(statesOf(topic, unknownPart('not permitted'))).toEqual([['under-replicated']]);
});

test('who left and who came back; a new partition and a reassigned replica are no event', () => {
  const now = partitionHealths(
    [
      topicOf([
        { replicas: [1, 2, 3], isr: [1, 2] },
        { replicas: [1, 2, 3], isr: [1, 2, 3] },
        { replicas: [1, 2], isr: [1, 2] },
        { replicas: [1, 2, 3], isr: [1] },
      ]),
    ],
    () => known(2),
    0,
  );
  const seen = [
    [1, 2, 3],
    [1, 3],
    [1, 2, 3],
  ].map((isr, partition) => ({ topic: 'orders', partition, isr }));
  expect(isrEvents(seen, now, 7)).toEqual([
    { kind: 'shrink', topic: 'orders', partition: 0, brokers: [3], atMs: 7 },
    { kind: 'expand', topic: 'orders', partition: 1, brokers: [2], atMs: 7 },
  ]);
});

const isrOf = (topic: TopicMetadata, over: Partial<KafkaIsr> = {}): KafkaIsr => {
  const all = partitionHealths([topic], () => known(2), 0);
  const count = (state: (typeof all)[number]['states'][number]) =>
    all.filter(({ states }) => states.includes(state)).length;
  return {
    atMs: 600_000,
    topics: 1,
    partitions: all.length,
    unknownTopics: [],
    counts: {
      leaderless: count('leaderless'),
      'under-min-isr': count('under-min-isr'),
      'at-min-isr': count('at-min-isr'),
      'under-replicated': count('under-replicated'),
      'offline-replica': count('offline-replica'),
    },
    affected: all.filter(({ states }) => states.length > 0),
    minIsrUnknown: 0,
    internal: [],
    events: [],
    seen: [],
    minIsr: { readAtMs: 0, topics: [] },
    ...over,
  };
};

const keysOf = (value: KafkaIsr) => kafkaIsr.judge(value).map(({ key }) => key);
const whole = topicOf([{ replicas: [1, 2, 3], isr: [1, 2, 3] }]);

test('silent when all are in sync, and about topics that it may not see', () => {
  expect(keysOf(isrOf(whole))).toEqual([]);
  expect(keysOf(isrOf(whole, { unknownTopics: [{ topic: 'secret', reason: 'not permitted' }] }))).toEqual([]);
});

test('each partition is told of as the worst that it is, with the broker that is out', () => {
  const value = isrOf(
    topicOf([
      { replicas: [1, 2, 3], isr: [1, 2] },
      { replicas: [1, 2, 3], isr: [2] },
      { leader: -1, replicas: [3], isr: [3] },
    ]),
  );
  const findings = kafkaIsr.judge(value);
  expect(findings.map(({ key }) => key)).toEqual(['isr.leaderless', 'isr.under-min-isr', 'isr.under-replicated']);
  expect(findings[2]?.text.en).toBe('1 partitions are under-replicated (orders/0): out of the ISR: broker 3');
});

test('a follower that comes and goes is found though all are in sync now; one restart is not flapping', () => {
  const shrink = (atMs: number) => ({ kind: 'shrink', topic: 'orders', partition: 0, brokers: [3], atMs }) as const;
  expect(keysOf(isrOf(whole, { events: [shrink(400_000)] }))).toEqual([]);
  const flapping = [shrink(400_000), shrink(450_000), shrink(590_000)];
  expect(keysOf(isrOf(whole, { events: flapping }))).toEqual(['isr.flapping']);
  expect(keysOf(isrOf(whole, { events: flapping, atMs: 800_000 }))).toEqual([]);
});

test("Kafka's own topics are told of where nobody leads them", () => {
  const internal = [{ topic: '__consumer_offsets', partitions: 50, underReplicated: 0, leaderless: 4 }];
  expect(keysOf(isrOf(whole, { internal }))).toEqual(['isr.internal.__consumer_offsets']);
});

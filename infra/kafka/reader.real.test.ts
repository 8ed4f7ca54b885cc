import type { Kafka } from 'kafkajs';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import { commitOffsets } from '../testing/commit-offsets.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { Brokers } from './brokers.ts';
import { kafkaClient } from './client.ts';
import { internalCluster } from './internal-cluster.ts';
import { Pace } from './pace.ts';
import { type GroupLog, groupLogStart } from './read-group-log.ts';
import { GroupsReader } from './read-groups.ts';
import { readOffsets } from './read-offsets.ts';
import { readPositions } from './read-positions.ts';
import { KafkaReader } from './reader.ts';
import { partitionOfGroup } from './wire/group-records.ts';
import { openLinks } from './wire/link.ts';

async function prepared(): Promise<{ kafka: Kafka; reader: KafkaReader; topic: string; group: string }> {
  const endpoints = inject('endpoints');
  const { topics, groups } = await freshScope(endpoints);
  const reader = new KafkaReader(endpoints.kafka);
  onTestFinished(() => reader.close());
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.reader' });
  return { kafka, reader, topic: topics.events, group: groups.projector };
}

async function produce(kafka: Kafka, topic: string, counts: readonly number[]): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const messages = counts.flatMap((count, partition) => Array(count).fill({ partition, value: 'x' }));
  await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

const valueIn = <T>(part: Part<T> | undefined): T => {
  if (part?.known !== true) throw new Error(`unknown: ${part?.reason}`);
  return part.value;
};

test('log start, last stable offset, high watermark and log end, against what was produced', async () => {
  const { kafka, reader, topic } = await prepared();
  await produce(kafka, topic, [5, 0, 7]);
  const admin = kafka.admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic); // kafkajs deletes records only of topics whose metadata it has
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 2, offset: '4' }] });
  await admin.disconnect();
  const producer = kafka.producer({ transactionalId: `${topic}.open`, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [1, 2].map(() => ({ partition: 0, value: 'open' })) });

  const kinds = ['logStart', 'lastStable', 'highWatermark', 'logEnd'] as const;
  const read = async () => valueIn((await reader.offsets([topic], kinds)).get(topic));
  const partitions = await waitFor(
    'the followers to have the open records',
    async () => {
      const now = await read();
      return valueIn(now[0]?.offsets.highWatermark) === 7n ? now : undefined;
    },
    { timeoutMs: 10_000 },
  );
  expect(partitions.map(({ partition }) => partition).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  const offsetsOf = (partition: number) => partitions.find((one) => one.partition === partition)?.offsets;
  const four = (logStart: bigint, lastStable: bigint, highWatermark: bigint, logEnd: bigint) => ({
    logStart: known(logStart),
    lastStable: known(lastStable),
    highWatermark: known(highWatermark),
    logEnd: known(logEnd),
  });
  expect(offsetsOf(0)).toEqual(four(0n, 5n, 7n, 7n));
  expect(offsetsOf(1)).toEqual(four(0n, 0n, 0n, 0n));
  expect(offsetsOf(2)).toEqual(four(4n, 7n, 7n, 7n));

  await transaction.abort();
  const settled = await waitFor(
    'the abort marker',
    async () => {
      const offsets = (await read()).find(({ partition }) => partition === 0)?.offsets;
      return valueIn(offsets?.lastStable) === 8n ? offsets : undefined;
    },
    { timeoutMs: 10_000 },
  );
  expect(settled).toEqual(four(0n, 8n, 8n, 8n));
});

test('each replica tells its own log end', async () => {
  const { kafka, reader, topic } = await prepared();
  await produce(kafka, topic, [3]);
  const ends = await waitFor(
    'all replicas of partition 0 to have 3 records',
    async () => {
      const all = valueIn((await reader.positions({ topics: [topic], logStart: false })).get(topic));
      const ofFirst = all.filter(({ partition }) => partition === 0).flatMap(({ logEnds }) => logEnds);
      return ofFirst.every(({ logEnd }) => valueIn(logEnd) === 3n) ? ofFirst : undefined;
    },
    { timeoutMs: 10_000 },
  );
  expect(ends.map(({ nodeId }) => nodeId).sort()).toEqual([1, 2, 3]);
});

test('committed offsets, and none where nothing was committed', async () => {
  const { kafka, reader, topic, group } = await prepared();
  await produce(kafka, topic, [5, 5]);
  await commitOffsets(kafka, { groupId: group, topic }, [{ partition: 1, offset: '4' }]);
  const commits = await reader.committed([group, `${group}.absent`]);
  const offsets = valueIn(commits.get(group)).get(topic);
  expect(offsets?.get(1)).toEqual(known(4n));
  expect(offsets?.get(0)).toBeUndefined();
  expect(valueIn(commits.get(`${group}.absent`)).size).toBe(0);
});

test('the group log of somebody who is asked about late goes back, and tells nobody anything twice', async () => {
  const { kafka, reader, topic, group } = await prepared();
  await commitOffsets(kafka, { groupId: group, topic }, [{ partition: 1, offset: '1' }]);
  const kept = (await reader.metadata(['__consumer_offsets'])).topics[0]?.partitions.length ?? 0;
  const placeOf = (groupId: string): number => partitionOfGroup(groupId, kept);
  const late = Array.from({ length: 1_000 }, (_, n) => `${group}.late-${n}`).find(
    (id) => placeOf(id) === placeOf(group),
  );
  if (late === undefined) throw new Error('no name goes into the same partition');
  const commit = (groupId: string, offset: string) =>
    commitOffsets(kafka, { groupId, topic }, [{ partition: 1, offset }]);
  const told = ({ records }: GroupLog) =>
    records.flatMap((one) =>
      one.kind === 'commit' ? [`${one.groupId === late ? 'late' : 'first'} ${one.offset}`] : [],
    );
  const first = await reader.groupLog([group], groupLogStart);
  await commit(late, '7');
  const second = await reader.groupLog([group], first.next);
  await commit(group, '2');
  const third = await reader.groupLog([group, late], second.next);
  const fourth = await reader.groupLog([group, late], third.next);
  expect([first, second, third, fourth].map(told)).toEqual([['first 1'], [], ['late 7', 'first 2'], []]);
});

test('state, members and their partitions; a group nobody made is Dead', async () => {
  const { kafka, reader, topic, group } = await prepared();
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 200 });
  onTestFinished(() => consumer.disconnect());
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ eachMessage: async () => {} });
  await joined;
  const groups = await reader.groups([group, `${group}.absent`]);
  const description = valueIn(groups.get(group));
  expect(description.state).toBe('Stable');
  expect(description.members).toMatchObject([{ clientId: 'test.reader', assignment: [{ topic }] }]);
  expect([...(description.members[0]?.assignment[0]?.partitions ?? [])].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(groups.get(`${group}.absent`)).toMatchObject(known({ state: 'Dead', members: [] }));
});

test('a topic that is not there is unknown, and the others are read', async () => {
  const { reader, topic } = await prepared();
  const read = await reader.offsets([topic, `${topic}.absent`], ['highWatermark']);
  expect(read.get(`${topic}.absent`)).toEqual(unknownPart('there is no such topic or partition'));
  expect(valueIn(read.get(topic))).toHaveLength(6);
});

test('the active controller and its voters', async () => {
  const { reader } = await prepared();
  const { leaderId, voterIds } = await reader.quorum();
  expect(voterIds).toContain(leaderId);
});

test('with a seed that is closed, the others lead in', async () => {
  const { topic } = await prepared();
  const reader = new KafkaReader(['127.0.0.1:1', ...inject('endpoints').kafka]);
  onTestFinished(() => reader.close());
  expect(valueIn((await reader.offsets([topic], ['highWatermark'])).get(topic))).toHaveLength(6);
});

test('with no broker at all it says which one could not be reached', async () => {
  const reader = new KafkaReader(['127.0.0.1:1']);
  onTestFinished(() => reader.close());
  await expect(reader.metadata(null)).rejects.toThrow('broker 127.0.0.1:1 cannot be reached (ECONNREFUSED)');
  const groups = await reader.committed(['any']);
  expect(groups.get('any')).toMatchObject({ known: false });
});

/** Node ids of the coordinators, as kafkajs finds them; on a new cluster asking makes Kafka create the offsets topic. */
async function coordinatorsOf(kafka: Kafka, groupIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const cluster = internalCluster(kafka);
  onTestFinished(() => cluster.disconnect());
  await cluster.connect();
  const found = new Map<string, number>();
  for (const groupId of groupIds) {
    found.set(groupId, Number((await cluster.findGroupCoordinator({ groupId })).nodeId));
  }
  return found;
}

test('a broker out of reach makes exactly what it leads, holds and coordinates unknown', async () => {
  const { kafka, topic } = await prepared();
  await produce(kafka, topic, [1, 1, 1, 1, 1, 1]);
  const groupIds = Array.from({ length: 12 }, (_, index) => `${topic}.group-${index}`);
  const coordinators = await coordinatorsOf(kafka, groupIds);
  // The broker that is made unreachable coordinates at least one of them, whatever elections this cluster has seen.
  const deadId = coordinators.get(groupIds[0] ?? '');
  const healthy = new Brokers(inject('endpoints').kafka, openLinks(kafka, { clock: systemClock, timeoutMs: 1_000 }));
  onTestFinished(() => healthy.close());
  const { brokers: nodes } = await healthy.metadata([]);
  const dead = nodes.filter(({ nodeId }) => nodeId === deadId).map(({ host, port }) => `${host}:${port}`)[0];
  const open = openLinks(kafka, { clock: systemClock, timeoutMs: 1_000 });
  const brokers = new Brokers(inject('endpoints').kafka, (address) => open(address === dead ? '127.0.0.1:1' : address));
  onTestFinished(() => brokers.close());

  const partitions = valueIn((await readOffsets(brokers, [topic], ['highWatermark'])).get(topic));
  const led = partitions.filter(({ leader }) => leader === deadId);
  const rest = partitions.filter(({ leader }) => leader !== deadId);
  expect([led.length, rest.length]).toEqual([2, 4]);
  for (const { offsets } of led) expect(offsets.highWatermark).toMatchObject({ known: false });
  for (const { offsets } of rest) expect(offsets.highWatermark).toEqual(known(1n));

  const positions = valueIn((await readPositions(brokers, { topics: [topic], logStart: false })).get(topic));
  const ends = positions.flatMap(({ logEnds }) => logEnds);
  expect(ends).toHaveLength(18);
  for (const { nodeId, logEnd } of ends) expect(logEnd.known).toBe(nodeId !== deadId);

  const groups = await new GroupsReader(brokers, new Pace()).describe(groupIds);
  for (const groupId of groupIds) expect(groups.get(groupId)?.known).toBe(coordinators.get(groupId) !== deadId);
  const unreachable = groups.get(groupIds[0] ?? '');
  expect(unreachable?.known === false && unreachable.reason).toContain('127.0.0.1:1 ');
});

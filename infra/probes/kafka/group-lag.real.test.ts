import type { Kafka } from 'kafkajs';
import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../clock.ts';
import { lag } from '../../diagnoses/lag.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { rpcsPerBrokerMax } from '../../kafka/pace.ts';
import { type LabTarget, labTarget } from '../../target.ts';
import { commitOffsets } from '../../testing/commit-offsets.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { type KafkaTools, kafkaTools } from '../../testing/kafka-tools.ts';
import { known } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { type GroupLag, type KafkaGroupLag, kafkaGroupLag } from './group-lag.ts';

// Kafka's tools are a JVM each: seconds on an idle machine, far more on a busy one.
vi.setConfig({ testTimeout: 180_000 });

let tools: KafkaTools;

beforeAll(async () => {
  tools = await kafkaTools(inject('config'));
}, 600_000);

interface Planted {
  /** Of an own stack: no role is mapped. */
  readonly target: LabTarget;
  readonly topic: string;
  readonly group: (name: string) => string;
  readonly kafka: Kafka;
}

/**
 * p0: ten records. p1: five, and two of a transaction that is open. p2: two that were aborted, and their marker. p3: ten,
 * of which six are deleted. p4: four. p5: one of a committed transaction, and its marker.
 */
async function planted(): Promise<Planted> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const lab = labTarget(endpoints, scope.name);
  onTestFinished(() => lab.close());
  const target = { ...lab, roles: { database: '', topics: {}, groups: {} } };
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.lag' });
  const topic = scope.topics.events;
  const group = (name: string) => `${scope.name}.own-${name}`;
  await plantRecords(kafka, topic);
  const admin = kafka.admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic); // kafkajs deletes records only of topics whose metadata it has
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 3, offset: '6' }] });
  const commit = (name: string, offsets: Readonly<Record<number, number>>) =>
    commitOffsets(
      kafka,
      { groupId: group(name), topic },
      Object.entries(offsets).map(([partition, offset]) => ({ partition: Number(partition), offset: String(offset) })),
    );
  // kafkajs takes five seconds for each.
  await Promise.all([
    commit('readable', { 0: 3, 4: 4 }),
    commit('blocked', { 1: 5 }),
    commit('markers', { 2: 0, 5: 1 }),
    commit('lost', { 3: 2 }),
    commit('ahead', { 4: 9 }),
    commit('clean', { 0: 10, 4: 4, 5: 2 }),
  ]);
  onTestFinished(async () => {
    await admin.deleteGroups(['readable', 'blocked', 'markers', 'lost', 'ahead', 'clean'].map(group));
    await admin.disconnect();
  });
  return { target, topic, group, kafka };
}

async function plantRecords(kafka: Kafka, topic: string): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  const records = (partition: number, count: number) => Array(count).fill({ partition, value: 'x' });
  await producer.send({
    topic,
    acks: -1,
    messages: [...records(0, 10), ...records(1, 5), ...records(3, 10), ...records(4, 4)],
  });
  await producer.disconnect();
  const [first, second] = [transactional(kafka, `${topic}.a`), transactional(kafka, `${topic}.b`)];
  await Promise.all([first.connect(), second.connect()]);
  onTestFinished(async () => void (await Promise.all([first.disconnect(), second.disconnect()])));
  const aborted = await first.transaction();
  await aborted.send({ topic, messages: records(2, 2) });
  await aborted.abort();
  const committed = await first.transaction();
  await committed.send({ topic, messages: records(5, 1) });
  await committed.commit();
  const open = await second.transaction();
  onTestFinished(() => open.abort());
  const timestamp = String(systemClock.now() - 60_000);
  await open.send({ topic, messages: records(1, 2).map((record) => ({ ...record, timestamp })) });
}

const transactional = (kafka: Kafka, transactionalId: string) =>
  kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });

async function readingsOf(target: LabTarget, count: number): Promise<KafkaGroupLag> {
  let reading = await readOnce({ probe: kafkaGroupLag, target, before: undefined });
  for (let left = count - 1; left > 0; left--)
    reading = await readOnce({ probe: kafkaGroupLag, target, before: reading });
  if (reading.status !== 'ok') throw new Error(`unknown: ${reading.reason}`);
  return reading.value;
}

const parts = (groups: readonly GroupLag[], groupId: string) => {
  const found = groups.find((one) => one.groupId === groupId);
  return found?.partitions.known ? found.partitions.value : [];
};

test('what each group has before it, in three parts, as Kafka’s own tool counts it', async () => {
  const { target, topic, group } = await planted();
  const value = await readingsOf(target, 3);
  expect(value.wholeCluster).toBe(true);
  expect(value.rpcs.mostOnOneBroker).toBeLessThanOrEqual(rpcsPerBrokerMax);
  const splits = (name: string) => parts(value.groups, group(name)).map(({ partition, split }) => [partition, split]);
  const split = (readable: bigint, blocked: bigint, markers: bigint) => known({ readable, blocked, markers });
  expect(splits('readable')).toEqual([
    [0, split(7n, 0n, 0n)],
    [4, split(0n, 0n, 0n)],
  ]);
  expect(splits('blocked')).toEqual([[1, split(0n, 2n, 0n)]]);
  expect(splits('markers')).toEqual([
    [2, split(0n, 0n, 3n)],
    [5, split(0n, 0n, 1n)],
  ]);
  expect(splits('lost')).toEqual([[3, split(4n, 0n, 0n)]]);
  expect(parts(value.groups, group('lost'))[0]).toMatchObject({ lost: 4n, deletedInMs: known(0) });
  expect(parts(value.groups, group('ahead'))[0]).toMatchObject({ ahead: 5n, lag: known(0n) });
  const [readable] = parts(value.groups, group('readable'));
  expect(readable?.timeLagMs.known && readable.timeLagMs.value).toBeGreaterThan(0);
  expect(readable?.deletedInMs.known && readable.deletedInMs.value).toBeGreaterThan(0);

  // Exactly these, and none of the group that has read everything or of the one that has only markers before it.
  const ours = kafkaGroupLag.judge(value).filter(({ text }) => text.en.includes(topic));
  const key = (name: string, kind: string) => `lag.${group(name).replaceAll('.', '_')}.${kind}`;
  expect(ours.map((finding) => finding.key).sort()).toEqual(
    [
      key('readable', 'empty'),
      key('blocked', 'blocked'),
      key('lost', 'empty'),
      key('lost', 'lost'),
      key('ahead', 'ahead'),
    ].sort(),
  );

  const answer = await diagnose({ diagnosis: lag, target });
  expect(answer.status).toBe('finding');
  const named = answer.findings
    .filter(({ text }) => text.en.includes(topic))
    .flatMap(({ kind, evidence, trace }) =>
      evidence.map((row) => `${kind} ${row.group} p${row.partition} ${row.committed} ${trace}`),
    );
  // It is traced from the first record that waits; what is gone or never was, from the first offset without one.
  expect(named.toSorted()).toEqual(
    [
      `empty ${group('readable')} p0 3 ${topic}/0/3`,
      `empty ${group('lost')} p3 2 ${topic}/3/6`,
      `blocked ${group('blocked')} p1 5 ${topic}/1/5`,
      `lost ${group('lost')} p3 2 ${topic}/3/2`,
      `ahead ${group('ahead')} p4 9 ${topic}/4/9`,
    ].toSorted(),
  );

  const [command] = kafkaGroupLag.verifyWith(target, { value });
  const output = await tools.run(command?.command ?? '');
  const told = output
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([groupId, of]) => groupId?.startsWith(group('')) === true && of === topic)
    .map(([groupId, , partition, committed, end, lag]) => [groupId, partition, committed, end, lag].join(' '));
  const counted = value.groups
    .filter(({ groupId }) => groupId.startsWith(group('')))
    .flatMap(({ groupId }) => parts(value.groups, groupId).map((one) => ({ groupId, ...one })))
    .map(({ groupId, partition, committed, highWatermark, lag, lost, ahead }) => {
      if (!committed.known || !highWatermark.known || !lag.known) throw new Error(`${groupId} is unknown`);
      // The tool counts what retention has deleted too, and below zero.
      return [groupId, partition, committed.value, highWatermark.value, lag.value + lost - ahead].join(' ');
    });
  expect(told.toSorted()).toEqual(counted.toSorted());
  expect(told).toHaveLength(10);
});

test('a group that works keeps silent, and its rates and age are told', async () => {
  const endpoints = inject('endpoints');
  const { name, topics, groups } = await freshScope(endpoints);
  const target = labTarget(endpoints, name);
  onTestFinished(() => target.close());
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.busy' });
  const [producer, ...consumers] = [
    kafka.producer(),
    ...[groups.projector, groups.invalidator].map((groupId) => kafka.consumer({ groupId, maxWaitTimeInMs: 100 })),
  ] as const;
  await producer.connect();
  let sending = true;
  const sent = (async () => {
    for (let batch = 0; sending; batch++)
      await producer.send({
        topic: topics.events,
        messages: Array.from({ length: 20 }, (_, i) => ({ partition: (batch + i) % 6, value: 'x' })),
      });
  })();
  onTestFinished(async () => {
    sending = false;
    await sent;
    await producer.disconnect();
    await Promise.all(consumers.map((consumer) => consumer.disconnect()));
  });
  await Promise.all(
    consumers.map(async (consumer) => {
      const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
      await consumer.connect();
      await consumer.subscribe({ topics: [topics.events], fromBeginning: true });
      await consumer.run({ autoCommitInterval: 200, eachBatch: async () => {} });
      await joined;
    }),
  );
  const seen = new Set<string>();
  let rates = { produced: 0, consumed: 0 };
  let before = await readOnce({ probe: kafkaGroupLag, target, before: undefined });
  const busy = systemClock.now() + 4_000;
  while (systemClock.now() < busy) {
    before = await readOnce({ probe: kafkaGroupLag, target, before });
    if (before.status !== 'ok') throw new Error(before.reason);
    for (const { key } of kafkaGroupLag.judge(before.value)) seen.add(key);
    expect(before.value.rpcs.mostOnOneBroker).toBeLessThanOrEqual(rpcsPerBrokerMax);
    rates = before.value.groups[0]?.perSecond ?? rates;
    await systemClock.sleep(250);
  }
  expect([...seen]).toEqual([]);
  expect(rates.produced).toBeGreaterThan(0);
});

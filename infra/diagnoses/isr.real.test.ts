import { afterAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { waitFor } from '../clock.ts';
import { kafkaClient } from '../kafka/client.ts';
import { kafkaCluster } from '../probes/kafka/cluster.ts';
import { type KafkaIsr, kafkaIsr } from '../probes/kafka/isr.ts';
import { kafkaOffsets } from '../probes/kafka/offsets.ts';
import type { Reading } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import { createNativeStack } from '../stack/native/native-stack.ts';
import { labTarget, type Target } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { isr } from './isr.ts';
import { diagnose } from './run.ts';
import { transactions } from './transactions.ts';

// A broker is given up when its session ends, seconds after its death, and is back in every ISR as long after its start.
vi.setConfig({ testTimeout: 240_000 });

const stack = createNativeStack(inject('config'));
const endpoints = inject('endpoints');
const { signal } = new AbortController();
const victim = { node: 'kafka-3', nodeId: 3 } as const;

afterAll(async () => {
  await stack.start(victim.node, signal);
});

/** The scope's own topics, and three whose shape a broker's death makes worse each in its own way. */
async function prepared(): Promise<{ target: Target; names: Record<'single' | 'strict' | 'away', string> }> {
  const scope = await freshScope(endpoints);
  const names = { single: `${scope.name}.single`, strict: `${scope.name}.strict`, away: `${scope.name}.away` };
  const admin = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.isr' }).admin();
  await admin.connect();
  onTestFinished(async () => {
    await admin.deleteTopics({ topics: Object.values(names) });
    await admin.disconnect();
  });
  const topic = (name: string, replicas: number[], minIsr: number) => ({
    topic: name,
    replicaAssignment: [{ partition: 0, replicas }],
    configEntries: [{ name: 'min.insync.replicas', value: String(minIsr) }],
  });
  await admin.createTopics({
    topics: [topic(names.single, [3], 1), topic(names.strict, [1, 2, 3], 3), topic(names.away, [1, 2], 1)],
  });
  const lab = labTarget(endpoints, scope.name);
  onTestFinished(() => lab.close());
  // As roles of the scope: the lab watches what it has mapped.
  const { events } = scope.topics;
  const groups = Object.fromEntries(Object.values(names).map((name) => [name, { groupId: name, topic: name }]));
  return { target: { ...lab, roles: { ...lab.roles, topics: { events }, groups } }, names };
}

async function readingAfter(target: Target, before: Reading<KafkaIsr> | undefined): Promise<Reading<KafkaIsr>> {
  return readOnce({ probe: kafkaIsr, target, before });
}

const valueIn = (reading: Reading<KafkaIsr>): KafkaIsr => {
  if (reading.status !== 'ok') throw new Error(reading.reason);
  return reading.value;
};

const namesOf = (value: KafkaIsr, state: KafkaIsr['affected'][number]['states'][number]): readonly string[] =>
  value.affected
    .filter(({ states }) => states.includes(state))
    .map(({ topic, partition }) => `${topic}/${partition}`)
    .sort();

test('a killed broker: exactly the partitions that it holds, what each can no longer do, and its way back', async () => {
  const { target, names } = await prepared();
  const clean = await waitFor(
    'all replicas in sync',
    async () => {
      const answer = await diagnose({ diagnosis: isr, target });
      return answer.status === 'clean' ? answer : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 500 },
  );
  expect(clean.counts).toMatchObject({ partitions: 9, topics: 4, leaderless: 0, 'under-min-isr': 0 });
  expect(clean.findings).toEqual([]);

  let reading = await readingAfter(target, undefined);
  expect(kafkaIsr.judge(valueIn(reading))).toEqual([]);
  await stack.kill(victim.node);
  await waitFor(
    'the others to give the dead broker up',
    async () => {
      reading = await readingAfter(target, reading);
      const { counts } = valueIn(reading);
      return counts.leaderless === 1 && counts['under-min-isr'] === 2 && counts['under-replicated'] === 8;
    },
    { timeoutMs: 40_000, intervalMs: 250 },
  );
  const events = target.roles.topics.events ?? '';
  const ofEvents = [0, 1, 2, 3, 4, 5].map((partition) => `${events}/${partition}`);
  const value = valueIn(reading);
  expect(namesOf(value, 'leaderless')).toEqual([`${names.single}/0`]);
  // Nobody is left in the ISR of the leaderless one.
  const lost = [`${names.single}/0`, `${names.strict}/0`];
  expect(namesOf(value, 'under-min-isr')).toEqual(lost);
  expect(namesOf(value, 'under-replicated')).toEqual([...ofEvents, ...lost].sort());
  expect(namesOf(value, 'at-min-isr')).toEqual(ofEvents);
  const left = value.events.filter(({ kind }) => kind === 'shrink');
  expect(new Set(left.flatMap(({ brokers }) => brokers))).toEqual(new Set([victim.nodeId]));
  expect(left).toHaveLength(8);

  const answer = await diagnose({ diagnosis: isr, target });
  expect(answer.status).toBe('finding');
  expect(answer.counts).toMatchObject({ leaderless: 1, 'under-min-isr': 1, 'under-replicated': 6, 'at-min-isr': 6 });
  expect(answer.findings.map(({ key }) => key).sort()).toEqual(
    [
      `isr.leaderless.${names.single}/0`,
      `isr.under-min-isr.${names.strict}/0`,
      ...ofEvents.map((name) => `isr.under-replicated.${name}`),
    ].sort(),
  );
  expect(answer.findings.find(({ kind }) => kind === 'under-min-isr')?.evidence).toMatchObject([
    { topic: names.strict, replicas: '1,2,3', out_of_isr: '3', min_isr: 3 },
  ]);

  await othersWhileItIsGone(target, names.single);
  await stack.start(victim.node, signal);
  await waitFor(
    'its way back into every ISR',
    async () => {
      reading = await readingAfter(target, reading);
      return valueIn(reading).affected.length === 0;
    },
    { timeoutMs: 60_000, intervalMs: 250 },
  );
  const back = valueIn(reading).events.filter(({ kind }) => kind === 'expand');
  expect(back.map(({ topic, partition }) => `${topic}/${partition}`).sort()).toEqual(
    left.map(({ topic, partition }) => `${topic}/${partition}`).sort(),
  );
  expect(kafkaIsr.judge(valueIn(reading))).toEqual([]);
  expect((await diagnose({ diagnosis: isr, target })).status).toBe('clean');
});

/** What the dead broker alone could tell is unknown; the rest is told. */
async function othersWhileItIsGone(target: Target, single: string): Promise<void> {
  const cluster = await readOnce({ probe: kafkaCluster, target, before: undefined });
  const keys = cluster.status === 'ok' ? kafkaCluster.judge(cluster.value).map(({ key }) => key) : [];
  expect(keys).toEqual([`cluster.broker.${victim.nodeId}`]);
  const offsets = await readOnce({ probe: kafkaOffsets, target, before: undefined });
  const partitions = (offsets.status === 'ok' ? offsets.value.topics : []).flatMap(({ topic, partitions }) =>
    (partitions.known ? partitions.value : []).map((one) => ({ topic, ...one })),
  );
  expect(partitions).toHaveLength(9);
  for (const { topic, lastStable, highWatermark, logEnds } of partitions) {
    expect([lastStable.known, highWatermark.known]).toEqual(topic === single ? [false, false] : [true, true]);
    for (const { nodeId, logEnd } of logEnds) expect(logEnd.known).toBe(nodeId !== victim.nodeId);
  }
  const answer = await diagnose({ diagnosis: transactions, target });
  expect(answer).toMatchObject({ status: 'unknown', counts: { partitions: 8, unknownPartitions: 1 } });
  expect(answer.explanation.en).toContain(`${single}/0: the partition has no leader`);
}

test('where nothing can be read it is unknown, never clean', async () => {
  const target = labTarget({ ...endpoints, kafka: ['127.0.0.1:1'] }, '');
  onTestFinished(() => target.close());
  expect(await diagnose({ diagnosis: isr, target })).toMatchObject({ status: 'unknown', findings: [] });
  const absent = labTarget(endpoints, 'nowhere');
  onTestFinished(() => absent.close());
  const { topics: _, groups: _groups, ...roles } = absent.roles;
  const nothing = { ...absent, roles: { ...roles, topics: { events: 'no.such.topic' }, groups: {} } };
  const answer = await diagnose({ diagnosis: isr, target: nothing });
  expect(answer).toMatchObject({ status: 'unknown', counts: { partitions: 0, unknownTopics: 1 } });
  expect(answer.explanation.en).toContain('no.such.topic: there is no such topic or partition');
});

import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock, waitFor } from '../../clock.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { rpcsPerBrokerMax } from '../../kafka/pace.ts';
import { labTarget } from '../../target.ts';
import { commitOffsets } from '../../testing/commit-offsets.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { beginTransaction } from '../../testing/plant-transactions.ts';
import { type ProbeId, probes } from '../index.ts';
import { startSampler } from '../sampler.ts';
import { createProbeStore } from '../store.ts';

vi.setConfig({ testTimeout: 180_000 });

const partitionCount = 120;
const groupCount = 50;
/** Every seldom probe comes twice. */
const ticks = 12;

const asked: readonly ProbeId[] = [
  'stack.health',
  'kafka.cluster',
  'kafka.isr',
  'kafka.offsets',
  'kafka.transactions',
  'kafka.group-lag',
  'kafka.rebalances',
  'kafka.consumer-config',
];

/** As the console does, so many ticks long after all of it has been read. */
const watchedTicks = 30;

test('in a lab with all its groups, where nobody has made a transaction, every probe is read again and again', async ({
  annotate,
}) => {
  const endpoints = inject('endpoints');
  const { name, groups, topics } = await freshScope(endpoints);
  const target = labTarget(endpoints, name);
  onTestFinished(() => target.close());
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.cost' });
  for (const groupId of [groups.projector, groups.invalidator])
    await commitOffsets(kafka, { groupId, topic: topics.events }, [{ partition: 0, offset: '0' }]);
  // Not asked for by name is what is not there: on a stack where a transaction ever was, another topic stands for it.
  const absent = `${name}.absent`;
  const roles = { ...target.roles, topics: { ...target.roles.topics, retry1m: absent } };
  const store = createProbeStore();
  const sampler = startSampler({ target: { ...target, roles }, probes, sink: store });
  onTestFinished(() => sampler.stop());
  const readings = () =>
    probes
      .filter(({ cost }) => cost !== 'onDemand')
      .map(({ id }) => [id, store.getSnapshot().readings.get(id)] as const);
  const unread = () =>
    readings().flatMap(([id, reading]) =>
      reading?.status === 'ok' || (reading?.status === 'unknown' && reading.reason.startsWith('not mapped'))
        ? []
        : [`${id}: ${reading?.status === 'unknown' ? reading.reason : 'not yet'}`],
    );
  await waitFor('every probe', () => unread().length === 0, { timeoutMs: 60_000, intervalMs: 100 }).catch(() => {});
  expect(unread()).toEqual([]);
  const from = store.getSnapshot().ticks;
  const oldest = new Map<string, number>();
  await waitFor(
    'more ticks',
    () => {
      for (const [id, reading] of readings()) {
        if (reading?.status !== 'ok') continue;
        oldest.set(id, Math.max(oldest.get(id) ?? 0, systemClock.now() - reading.takenAtMs));
      }
      expect(unread()).toEqual([]);
      return store.getSnapshot().ticks >= from + watchedTicks;
    },
    { timeoutMs: 120_000, intervalMs: 200 },
  );
  const [slowest, ageMs] = [...oldest].sort((left, right) => right[1] - left[1])[0] ?? ['', 0];
  await annotate(`≤ ${target.kafka.pace.most()} RPCs a broker a tick; the oldest reading: ${slowest}, ${ageMs} ms`);
  expect(target.kafka.pace.most()).toBeLessThanOrEqual(rpcsPerBrokerMax);
  expect(ageMs).toBeLessThan(15_000);
});

test('all probes of a tick together ask a broker at most nine times, whatever lies there', async ({ annotate }) => {
  const endpoints = inject('endpoints');
  const { name } = await freshScope(endpoints);
  const lab = labTarget(endpoints, name);
  onTestFinished(() => lab.close());
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.cost', requestTimeoutMs: 60_000 });
  const admin = kafka.admin();
  await admin.connect();
  const topic = `${name}.many`;
  const groupIds = Array.from({ length: groupCount }, (_, index) => `${name}.g${index}`);
  onTestFinished(async () => {
    await admin.deleteGroups(groupIds);
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });
  await admin.createTopics({ topics: [{ topic, numPartitions: partitionCount, replicationFactor: 3 }] });
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({ partition, offset: '0' }));
  const { transaction } = await beginTransaction(kafka, `${name}.offsets`);
  for (const consumerGroupId of groupIds)
    await transaction.sendOffsets({ consumerGroupId, topics: [{ topic, partitions }] });
  await transaction.commit();
  // Records behind an open transaction are what the probes have the most questions about.
  const open = await beginTransaction(kafka, `${name}.open`);
  await open.transaction.send({ topic, messages: partitions.map(({ partition }) => ({ partition, value: 'x' })) });

  const store = createProbeStore();
  // Of an own stack: every topic and every group.
  const target = { ...lab, roles: { database: '', topics: {}, groups: {} } };
  const chosen = probes.filter(({ id }) => asked.some((one) => one === id));
  const sampler = startSampler({ target, probes: chosen, sink: store });
  onTestFinished(() => sampler.stop());
  await waitFor('the ticks', () => store.getSnapshot().ticks >= ticks, { timeoutMs: 60_000, intervalMs: 100 });
  await waitFor('every probe', () => asked.every((id) => store.getSnapshot().readings.get(id)?.status === 'ok'), {
    timeoutMs: 60_000,
    intervalMs: 100,
  });
  await annotate(
    `${partitionCount} partitions × ${groupCount} groups: ≤ ${target.kafka.pace.most()} RPCs a broker a tick`,
  );
  expect(target.kafka.pace.most()).toBeGreaterThan(0);
  expect(target.kafka.pace.most()).toBeLessThanOrEqual(rpcsPerBrokerMax);
  const lag = store.getSnapshot().readings.get('kafka.group-lag');
  expect(lag?.status === 'ok' && (lag.value as { groups: readonly unknown[] }).groups.length).toBeGreaterThanOrEqual(
    groupCount,
  );
  await open.transaction.abort();
});

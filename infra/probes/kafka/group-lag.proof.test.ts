import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock, waitFor } from '../../clock.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { rpcsPerBrokerMax } from '../../kafka/pace.ts';
import { labTarget } from '../../target.ts';
import { commitOffsets } from '../../testing/commit-offsets.ts';
import { type KafkaTools, kafkaTools } from '../../testing/kafka-tools.ts';
import type { Reading } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { type KafkaGroupLag, kafkaGroupLag } from './group-lag.ts';

vi.setConfig({ testTimeout: 30 * 60_000 });

/** Requests and milliseconds of a reading of the whole cluster, beside Kafka's own tool with the start of its JVM taken off. */

const groups = 50;
const readings = 10;

let tools: KafkaTools;

beforeAll(async () => {
  tools = await kafkaTools(inject('config'));
}, 600_000);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = systemClock.monotonic();
  await work();
  return systemClock.monotonic() - startMs;
}

test('what a reading costs with 12, 120 and 1,000 partitions and fifty groups', async ({ annotate }) => {
  const endpoints = inject('endpoints');
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'proof.lag', requestTimeoutMs: 60_000 });
  const admin = kafka.admin();
  await admin.connect();
  const name = `proof-${systemClock.now()}`;
  const groupIds = Array.from({ length: groups }, (_, index) => `${name}.${index}`);
  onTestFinished(() => admin.disconnect());
  const lab = labTarget(endpoints, '');
  onTestFinished(() => lab.close());
  const target = { ...lab, roles: { database: '', topics: {}, groups: {} } };
  const brokers = endpoints.kafka.join(',');
  for (const partitions of [12, 120, 1_000]) {
    const topic = `${name}-${partitions}`;
    const created = { topic, numPartitions: partitions, replicationFactor: 1 };
    await admin.createTopics({ topics: [created], timeout: 60_000, waitForLeaders: false });
    await waitFor(
      'every partition to have a leader',
      async () => {
        const found = (await target.kafka.metadata([topic])).topics[0]?.partitions ?? [];
        return found.length === partitions && found.every(({ leader }) => leader >= 0);
      },
      { timeoutMs: 60_000 },
    );
    const offsets = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: '0' }));
    // A few at a time: each has a connection of its own.
    for (let first = 0; first < groups; first += 10)
      await Promise.all(
        groupIds.slice(first, first + 10).map((groupId) => commitOffsets(kafka, { groupId, topic }, offsets)),
      );
    const seen: KafkaGroupLag[] = [];
    let before: Reading<KafkaGroupLag> | undefined;
    for (let reading = 0; reading < readings; reading++) {
      before = await readOnce({ probe: kafkaGroupLag, target, before });
      if (before.status === 'ok') seen.push(before.value);
    }
    expect(seen).toHaveLength(readings);
    const most = Math.max(...seen.map(({ rpcs }) => rpcs.mostOnOneBroker));
    const total = Math.max(...seen.map(({ rpcs }) => rpcs.total));
    const ms = seen.map(({ readMs }) => readMs).sort((a, b) => a - b);
    const rows = seen.at(-1)?.groups.filter((one) => one.topic === topic) ?? [];
    const parts = rows.reduce((sum, { partitions: some }) => sum + (some.known ? some.value.length : 0), 0);
    expect(parts).toBe(groups * partitions);
    expect(most).toBeLessThanOrEqual(rpcsPerBrokerMax);
    const jvmMs = await timed(() => tools.run('kafka-consumer-groups --version'));
    const toolMs = await timed(() =>
      tools.run(`kafka-consumer-groups --bootstrap-server ${brokers} --describe --all-groups > /dev/null`),
    );
    await annotate(
      `${partitions} partitions × ${groups} groups: RPCs ≤ ${total} (≤ ${most} a broker), first ${seen[0]?.readMs} ms, ` +
        `median ${ms[Math.floor(ms.length / 2)]} ms; kafka-consumer-groups ${Math.round(toolMs - jvmMs)} ms ` +
        `(${Math.round(toolMs)} less ${Math.round(jvmMs)} of its JVM)`,
    );
    await admin.deleteGroups(groupIds);
    await admin.deleteTopics({ topics: [topic] });
  }
});

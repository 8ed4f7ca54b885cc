import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { kafkaClient } from '../kafka/client.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { run } from '../process.ts';
import { fetchKafkaTools } from '../stack/native/fetch/fetch-engines.ts';
import { writeShims } from '../stack/native/shims.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { commitOffsets } from '../testing/commit-offsets.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { plantDeadLetters } from '../testing/plant-dead-letters.ts';
import { dlqGroups } from './dlq/groups.ts';
import { kafkaGroupLag } from './kafka/group-lag.ts';
import { pipelineFreshness } from './pipeline/freshness.ts';
import { outboxBacklog } from './pipeline/outbox-backlog.ts';
import type { Probe } from './probe.ts';
import { stackHealth } from './stack/health.ts';
import { workersHealth } from './stack/workers-health.ts';

// Kafka's tools are a JVM each: seconds on an idle machine, far more on a busy one.
vi.setConfig({ testTimeout: 180_000 });

/** The commands that a probe shows as its proof, run as an operator would run them: pasted into a shell. */
let tools = '';

beforeAll(async () => {
  const config = inject('config');
  const { signal } = new AbortController();
  await fetchKafkaTools({ config, env: process.env, onEvent: () => {}, signal });
  tools = await writeShims(config);
}, 600_000);

async function prepared(): Promise<LabTarget> {
  const endpoints = inject('endpoints');
  const { name } = await freshScope(endpoints);
  const target = labTarget(endpoints, name);
  onTestFinished(() => target.close());
  return target;
}

async function outputs(probe: Pick<Probe<unknown>, 'verifyWith'>, target: LabTarget): Promise<readonly string[]> {
  const shown: string[] = [];
  for (const { command } of probe.verifyWith(target)) {
    const path = `${tools}:${process.env.PATH}`;
    const result = await run('sh', ['-c', command], { timeoutMs: 60_000, env: { ...process.env, PATH: path } });
    expect(result.problem, `${command}\n${result.stderr}`).toBeUndefined();
    shown.push(result.stdout);
  }
  return shown;
}

async function execute(target: LabTarget, statements: readonly string[]): Promise<void> {
  const connection = await mysqlConnection({ endpoint: target.endpoints.mysql, database: target.roles.database });
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

const outboxRow = (id: number, status: string) =>
  `INSERT INTO outbox_event (id, event_id, dedup_key, event_type, account_id, payload, status, created_at, sent_at)
   VALUES (${id}, UUID(), 'tx:${id}', 'BalanceChanged', ${id}, '{}', '${status}', NOW(6) - INTERVAL 10 SECOND, NOW(6))`;

/** `mysql -e` into a pipe: a heading and rows, tab-separated. */
const table = (output: string | undefined) =>
  (output ?? '')
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));

test('outbox.backlog', async () => {
  const target = await prepared();
  await execute(target, [outboxRow(1, 'PENDING'), outboxRow(2, 'PENDING'), outboxRow(3, 'DEAD'), outboxRow(4, 'SENT')]);
  const [rows] = (await outputs(outboxBacklog, target)).map(table);
  expect(
    rows
      ?.slice(1)
      .map(([status, count]) => `${status} ${count}`)
      .sort(),
  ).toEqual(['DEAD 1', 'PENDING 2']);
});

test('workers.health', async () => {
  const target = await prepared();
  await execute(target, [
    `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
     VALUES ('outbox-relay', 7, 's', 'outbox', '{"sent": 100}', '[]', NOW(6) - INTERVAL 9 SECOND)`,
  ]);
  const [rows] = (await outputs(workersHealth, target)).map(table);
  expect(rows?.[1]?.slice(0, 3)).toEqual(['outbox-relay', '7', 'outbox']);
  expect(Number(rows?.[1]?.[3])).toBeGreaterThanOrEqual(9_000);
});

test('pipeline.freshness', async () => {
  const target = await prepared();
  await execute(target, [
    outboxRow(1, 'SENT'),
    outboxRow(2, 'SENT'),
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset, applied_at)
     SELECT dedup_key, 1, 1, 1, 0, 1, created_at + INTERVAL 250000 MICROSECOND FROM outbox_event WHERE id = 1`,
  ]);
  const [stage, oldest] = (await outputs(pipelineFreshness, target)).map(table);
  expect(stage?.[1]).toEqual(['1', '250.0000']);
  expect(oldest?.[1]?.[1]).toBe('tx:2');
});

test('kafka.group-lag', async () => {
  const target = await prepared();
  const { groupId = '', topic = '' } = target.roles.groups.projector ?? {};
  const kafka = kafkaClient({ brokers: target.endpoints.kafka, clientId: 'test.verify' });
  const producer = kafka.producer();
  await producer.connect();
  onTestFinished(async () => {
    await producer.disconnect();
  });
  await producer.send({ topic, acks: -1, messages: Array(5).fill({ partition: 2, value: 'x' }) });
  await Promise.all(
    Object.values(target.roles.groups).map((role) =>
      commitOffsets(kafka, { groupId: role.groupId, topic }, [{ partition: 2, offset: '3' }]),
    ),
  );
  const [projector = ''] = await outputs(kafkaGroupLag, target);
  const columns = projector
    .split('\n')
    .find((line) => line.startsWith(groupId))
    ?.split(/\s+/);
  expect(columns?.slice(0, 6)).toEqual([groupId, topic, '2', '3', '5', '2']);
});

test('dlq.groups', async () => {
  const target = await prepared();
  const topic = target.roles.topics.dlq ?? '';
  const connection = await mysqlConnection({ endpoint: target.endpoints.mysql, database: target.roles.database });
  onTestFinished(() => connection.end());
  const kind = { class: 'schema', exception: 'DecodeError', message: 'truncated', eventType: null, topic };
  await plantDeadLetters(connection, [
    { ...kind, originOffset: 1, copies: 2 },
    { ...kind, originOffset: 2, message: 'no frame' },
    { ...kind, class: 'bug', originOffset: 3, eventType: 'BalanceAdjusted' },
  ]);
  await execute(target, [
    `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at)
     VALUES ('balance-projector', 't', 0, 1, 'a:1', 1, 'retry.5s', 'transient', 'E', 'm', NOW(6) + INTERVAL 300 SECOND),
            ('balance-projector', 't', 0, 2, 'b:1', 1, 'retry.5s', 'transient', 'E', 'm', NOW(6) - INTERVAL 60 SECOND)`,
    `INSERT INTO consumer_offset (consumer, topic, partition_id, next_offset) VALUES ('dlq-indexer', '${topic}', 1, 2)`,
  ]);
  const producer = kafkaClient({ brokers: target.endpoints.kafka, clientId: 'test.verify' }).producer();
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  await producer.send({ topic, acks: -1, messages: Array(5).fill({ partition: 1, value: 'x' }) });
  const [groups, ladder, watermarks, positions] = await outputs(dlqGroups, target);
  const [, ...rows] = table(groups);
  expect(rows.map((row) => row.slice(1, 8))).toEqual([
    ['schema', 'DecodeError', 'NULL', '2', '3', '2', 'no frame'],
    ['bug', 'DecodeError', 'BalanceAdjusted', '1', '1', '1', 'truncated'],
  ]);
  expect(table(ladder)[1]?.slice(0, 4)).toEqual(['retry.5s', '1', '1', '1']);
  expect(watermarks?.trim().split('\n').sort()).toEqual([0, 5, 0].map((end, index) => `${topic}:${index}:${end}`));
  expect(table(positions).slice(1)).toEqual([['1', '2']]);
});

test('stack.health', async () => {
  const [brokers = '', quorum = '', mysql = '', redis, registry] = await outputs(stackHealth, await prepared());
  expect(brokers.match(/\(id: \d+ /g)).toHaveLength(3);
  expect(quorum).toMatch(/LeaderId:\s+\d+/);
  expect(mysql).toMatch(/\d+\.\d+/);
  expect(redis?.trim()).toBe('PONG');
  expect(registry).toContain('ompatibility');
});

import { expect, inject, onTestFinished, test } from 'vitest';
import { kafkaClient } from '../kafka/client.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { commitOffsets } from '../testing/commit-offsets.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { kafkaGroupLag } from './kafka/group-lag.ts';
import { pipelineFreshness } from './pipeline/freshness.ts';
import { outboxBacklog } from './pipeline/outbox-backlog.ts';
import type { Probe } from './probe.ts';
import { known, notMapped, unknownPart } from './reading.ts';
import { readOnce } from './sampler.ts';
import { stackHealth } from './stack/health.ts';
import { workersHealth } from './stack/workers-health.ts';

/** A scope of its own, its target, and a connection that may write what the probes shall see. */
async function prepared(): Promise<{ target: LabTarget; sql: (statement: string) => Promise<void> }> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  onTestFinished(() => target.close());
  onTestFinished(() => connection.end());
  return {
    target,
    async sql(statement) {
      await connection.query(statement);
    },
  };
}

async function valueFrom<T>(probe: Probe<T>, target: LabTarget, previous?: { value: T; takenAtMs: number }) {
  const before = previous === undefined ? undefined : { status: 'ok' as const, ...previous };
  const reading = await readOnce({ probe, target, before });
  if (reading.status !== 'ok') throw new Error(`${probe.id} is unknown: ${reading.reason}`);
  return reading;
}

/** Outbox rows `first … first + count - 1`, created so many seconds ago; sent 0.1 s later where they are SENT. */
function outboxRows(
  status: 'PENDING' | 'SENT' | 'DEAD' | 'SKIPPED',
  ageSeconds: number,
  [first, count]: readonly [number, number],
) {
  const rows = Array.from({ length: count }, (_, index) => {
    const id = first + index;
    const sentAt = status === 'SENT' ? `NOW(6) - INTERVAL ${ageSeconds} SECOND + INTERVAL 100000 MICROSECOND` : 'NULL';
    return `(${id}, UUID(), 'tx:${id}', 'BalanceChanged', ${id}, '{}', '${status}', NOW(6) - INTERVAL ${ageSeconds} SECOND, ${sentAt})`;
  });
  const columns = 'id, event_id, dedup_key, event_type, account_id, payload, status, created_at, sent_at';
  return `INSERT INTO outbox_event (${columns}) VALUES ${rows.join(', ')}`;
}

const appliedAfter = (milliseconds: number, where: string) =>
  `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset, applied_at)
   SELECT dedup_key, account_id, id, 1, 0, id, created_at + INTERVAL ${milliseconds} * 1000 MICROSECOND
   FROM outbox_event WHERE ${where}`;

test('outbox.backlog counts what waits and what is dead, over all shards, and the age of the oldest', async () => {
  const { target, sql } = await prepared();
  await sql(outboxRows('SENT', 60, [1, 5]));
  await sql(outboxRows('PENDING', 20, [10, 1]));
  await sql(outboxRows('PENDING', 3, [11, 6]));
  await sql(outboxRows('DEAD', 40, [30, 2]));
  const first = await valueFrom(outboxBacklog, target);
  expect(first.value).toMatchObject({ pending: { rows: 7, exact: true }, dead: { rows: 2, exact: true } });
  expect(first.value.perSecond).toBeUndefined();
  const oldest = first.value.oldestPendingMs;
  expect(oldest.known && oldest.value).toBeGreaterThanOrEqual(20_000);
  expect(oldest.known && oldest.value).toBeLessThan(30_000);
  const keys = outboxBacklog.judge(first.value).map(({ key }) => key);
  expect(keys).toEqual(['outbox.dead', 'outbox.pending']);

  await sql("UPDATE outbox_event SET status = 'SENT', sent_at = NOW(6) WHERE id IN (10, 11, 12)");
  await sql(outboxRows('PENDING', 0, [40, 2]));
  const second = await valueFrom(outboxBacklog, target, first);
  expect(second.value.pending.rows).toBe(6);
  const { created = 0, sent = 0 } = second.value.perSecond ?? {};
  expect(sent / created).toBeCloseTo(3 / 2, 6); // 3 sent and 2 written in the same time
});

test('workers.health tells the beating from the silent by the clock of MySQL', async () => {
  const { target, sql } = await prepared();
  const beat = (worker: string, ageSeconds: number, findings: string) =>
    `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
     VALUES ('${worker}', 7, 's', 'outbox', '{"sent": 100}', '${findings}', NOW(6) - INTERVAL ${ageSeconds} SECOND)`;
  await sql(beat('outbox-relay', 1, '[]'));
  await sql(beat('balance-projector', 30, '[{"key": "poison.3", "message": "partition 3 stands still"}]'));
  const first = await valueFrom(workersHealth, target);
  expect(first.value.workers.map(({ worker }) => worker)).toEqual(['balance-projector', 'outbox-relay']);
  expect(workersHealth.judge(first.value).map(({ key }) => key)).toEqual([
    'worker.balance-projector',
    'worker.balance-projector.poison.3',
  ]);
  await sql(`UPDATE worker_heartbeat SET counters = '{"sent": 150}', beat_at = beat_at + INTERVAL 1 SECOND
             WHERE worker = 'outbox-relay'`);
  const second = await valueFrom(workersHealth, target, first);
  expect(second.value.workers[1]?.perSecond).toEqual({ sent: 50 });
});

test('pipeline.freshness follows the events, those given up or failed left out, and looks on where it stood', async () => {
  const { target, sql } = await prepared();
  await sql(outboxRows('SENT', 10, [1, 8]));
  await sql(appliedAfter(250, 'id <= 8'));
  await sql(outboxRows('DEAD', 25, [9, 1]));
  await sql(outboxRows('SKIPPED', 25, [10, 1]));
  await sql(outboxRows('SENT', 25, [11, 1])); // on the ladder: told of there
  await sql(`INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class,
               exception, message) VALUES ('balance-projector', 't', 0, 0, 'tx:11', 1, 'retry.5s', 'transient', 'E', 'm')`);
  await sql(`INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
             VALUES ('cache-invalidator', 1, 's', '', '{"invalidatedLagMsP50": 12, "invalidatedLagMsP99": 34}', '[]', NOW(6))`);
  const first = await valueFrom(pipelineFreshness, target);
  expect(first.value).toMatchObject({
    commitToSent: known({ samples: 8, p50Ms: 100, p99Ms: 100 }),
    commitToApplied: known({ samples: 8, p50Ms: 250, p99Ms: 250 }),
    commitToCache: known({ p50Ms: 12, p99Ms: 34 }),
    oldestUnapplied: known(null),
    position: { fromStart: true },
  });
  expect(pipelineFreshness.judge(first.value)).toEqual([]);

  await sql(outboxRows('SENT', 15, [20, 1])); // sent, and never applied
  await sql(outboxRows('SENT', 5, [21, 3]));
  await sql(appliedAfter(250, 'id >= 21'));
  const second = await valueFrom(pipelineFreshness, target, first);
  expect(second.value.oldestUnapplied).toMatchObject(known({ exact: true, dedupKey: 'tx:20' }));
  expect(pipelineFreshness.judge(second.value).map(({ key }) => key)).toEqual(['freshness.unapplied']);
  expect(second.value.position).toEqual({ upToId: 19n, fromStart: true });

  await sql(appliedAfter(15_000, 'id = 20'));
  const third = await valueFrom(pipelineFreshness, target, second);
  expect(third.value.oldestUnapplied).toEqual(known(null));
});

test('pipeline.freshness still times the sending while nothing is applied', async () => {
  const { target, sql } = await prepared();
  await sql(outboxRows('SENT', 10, [1, 4]));
  const { value } = await valueFrom(pipelineFreshness, target);
  expect(value.commitToSent).toEqual(known({ samples: 4, p50Ms: 100, p99Ms: 100, maxMs: 100 }));
  expect(value.commitToApplied).toEqual(known({ samples: 0 }));
  expect(value.oldestUnapplied).toMatchObject(known({ dedupKey: 'tx:1' }));
});

test('pipeline.freshness shows the age of what a lagging pipeline works on', async () => {
  const { target, sql } = await prepared();
  await sql(outboxRows('SENT', 300, [1, 4]));
  await sql('UPDATE outbox_event SET sent_at = created_at + INTERVAL 200 SECOND');
  await sql(appliedAfter(299_000, 'id <= 4'));
  const { value } = await valueFrom(pipelineFreshness, target);
  expect(value.commitToSent).toMatchObject(known({ samples: 4, p50Ms: 200_000 }));
  expect(value.commitToApplied).toMatchObject(known({ samples: 4, p50Ms: 299_000 }));
});

test('a moved clock makes the stage unknown, not fast', async () => {
  const { target, sql } = await prepared();
  await sql(outboxRows('SENT', 10, [1, 3]));
  await sql(appliedAfter(-50, 'id <= 3'));
  const { value } = await valueFrom(pipelineFreshness, target);
  expect(value.commitToApplied).toEqual(unknownPart('clock skew'));
  expect(value.commitToSent).toMatchObject(known({ samples: 3 }));
});

test('kafka.group-lag is high watermark less committed, and all of the log where nothing was committed', async () => {
  const { target } = await prepared();
  const { groups, topics } = target.roles;
  const [group, topic] = [groups.projector?.groupId ?? '', topics.events ?? ''];
  const kafka = kafkaClient({ brokers: target.endpoints.kafka, clientId: 'test.probes' });
  const producer = kafka.producer();
  await producer.connect();
  const counts = [5, 3, 0, 0, 0, 2];
  const send = () =>
    producer.send({
      topic,
      acks: -1,
      messages: counts.flatMap((count, partition) => Array(count).fill({ partition, value: 'x' })),
    });
  await send();
  onTestFinished(() => producer.disconnect());
  const commit = (partition: number, offset: string) =>
    commitOffsets(kafka, { groupId: group, topic }, [{ partition, offset }]);
  await commit(0, '4');
  const first = await valueFrom(kafkaGroupLag, target);
  const projector = first.value.groups.find(({ role }) => role === 'projector');
  expect(projector).toMatchObject({ state: known('Empty'), members: known([]) });
  expect(projector?.lag).toEqual({ atLeast: 6n, unknown: 0, parts: 6 });
  const partitions = projector?.partitions.known ? projector.partitions.value : [];
  expect(partitions.find(({ partition }) => partition === 0)).toMatchObject({ committed: known(4n), lag: known(1n) });
  expect(partitions.find(({ partition }) => partition === 1)).toMatchObject({ committed: known(null), lag: known(3n) });
  expect(kafkaGroupLag.judge(first.value).map(({ key }) => key)).toContain('lag.projector.empty');

  await send();
  await commit(0, '9');
  const second = await valueFrom(kafkaGroupLag, target, first);
  const rates = second.value.groups.find(({ role }) => role === 'projector')?.perSecond;
  expect((rates?.consumed ?? 0) / (rates?.produced ?? 1)).toBeCloseTo(5 / 10, 6);
});

test('stack.health: engines that are down do not blank the others', async () => {
  const { target } = await prepared();
  const healthy = await valueFrom(stackHealth, target);
  expect(healthy.value.engines.map(({ answer }) => answer.serves)).toEqual(Array(7).fill(true));
  expect(stackHealth.judge(healthy.value)).toEqual([]);

  const endpoints = { ...target.endpoints, redis: { host: '127.0.0.1', port: 1 }, registry: 'http://127.0.0.1:1/api' };
  const half = labTarget({ ...endpoints, kafka: [...endpoints.kafka, '127.0.0.1:1'] }, target.scope);
  onTestFinished(() => half.close());
  const { value } = await valueFrom(stackHealth, half);
  expect(stackHealth.judge(value).map(({ key }) => key)).toEqual([
    'engine.redis',
    'engine.kafka 127.0.0.1:1',
    'engine.registry',
  ]);
});

test('with no broker, the controller is unknown and not accused', async () => {
  const { target } = await prepared();
  const without = labTarget({ ...target.endpoints, kafka: ['127.0.0.1:1'] }, target.scope);
  onTestFinished(() => without.close());
  const { value } = await valueFrom(stackHealth, without);
  const controller = value.engines.find(({ name }) => name === 'kafka-controller');
  expect(controller?.answer.serves).toBe('unknown');
  expect(stackHealth.judge(value).map(({ key }) => key)).toEqual(['engine.kafka 127.0.0.1:1']);
});

test('what a target lacks is not mapped: no error, and never 0', async () => {
  const { target, sql } = await prepared();
  const bare: LabTarget = { ...target, roles: { database: target.roles.database, topics: {}, groups: {} } };
  for (const probe of [outboxBacklog, workersHealth, pipelineFreshness]) {
    const reading = await readOnce<unknown>({ probe, target: bare, before: undefined });
    expect(reading).toMatchObject({ status: 'unknown', reason: notMapped });
  }
  await sql('DROP TABLE applied_effect');
  const { value } = await valueFrom(pipelineFreshness, target);
  const { database } = target.roles;
  expect(value.commitToApplied).toEqual(unknownPart(`${notMapped}: no table ${database}.applied_effect`));
  expect(value.commitToSent).toEqual(known({ samples: 0 }));
});

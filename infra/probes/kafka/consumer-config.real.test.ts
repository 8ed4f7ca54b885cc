import { expect, inject, onTestFinished, test } from 'vitest';
import { rebalance } from '../../diagnoses/rebalance.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { mysqlConnection } from '../../mysql/pool.ts';
import { labTarget } from '../../target.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { readOnce } from '../sampler.ts';
import { kafkaConsumerConfig } from './consumer-config.ts';

const settings = { sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 60_000, heartbeatIntervalMs: 3_000 };
const handling = (p99: number, max: number) => ({
  ...settings,
  handlerMsP50: 5,
  handlerMsP99: p99,
  handlerMsMax: max,
  batchRecordsP50: 10,
  batchRecordsMax: 100,
});

test('handler times near and above their timeouts are found, exactly they; quick ones are not', async () => {
  const endpoints = inject('endpoints');
  const { name } = await freshScope(endpoints);
  const target = labTarget(endpoints, name);
  onTestFinished(() => target.close());
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: target.roles.database });
  onTestFinished(() => connection.end());
  const beat = (worker: string, counters: object) =>
    connection.query(
      `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
       VALUES (?, 7, 's', 'm', ?, '[]', NOW(6))`,
      [worker, JSON.stringify(counters)],
    );
  // A group that stands, so that there is something to look at.
  const { groupId = '', topic = '' } = target.roles.groups.projector ?? {};
  const consumer = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.config' }).consumer({
    groupId,
    maxWaitTimeInMs: 200,
  });
  const isIn = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  onTestFinished(() => consumer.disconnect());
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ eachBatch: async () => {} });
  await isIn;

  await beat('quick', handling(900, 4_900));
  // Something that consumes nothing tells no such times.
  await beat('writer', { sent: 100 });
  // Times of one that died minutes ago say nothing about now.
  await beat('gone', handling(7_000, 12_500));
  await connection.query("UPDATE worker_heartbeat SET beat_at = beat_at - INTERVAL 5 MINUTE WHERE worker = 'gone'");
  const clean = await diagnose({ diagnosis: rebalance, target });
  expect(clean, clean.explanation.en).toMatchObject({ status: 'clean', findings: [], counts: { workersMeasured: 1 } });

  await beat('near', handling(6_000, 9_000));
  await beat('over', handling(7_000, 12_500));
  await beat('late', { ...handling(900, 4_000), rebalanceTimeoutMs: 5_000 });
  await beat('hasty', { ...handling(10, 20), heartbeatIntervalMs: 4_000 });
  const reading = await readOnce({ probe: kafkaConsumerConfig, target, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  const found = kafkaConsumerConfig.judge(reading.value).map(({ key, severity }) => `${severity} ${key}`);
  expect(found.sort()).toEqual([
    'critical consumer.over.session',
    'warning consumer.hasty.heartbeat',
    'warning consumer.late.rejoin',
    'warning consumer.near.session',
  ]);
  const answer = await diagnose({ diagnosis: rebalance, target });
  expect(answer).toMatchObject({ status: 'finding', counts: { session: 2, heartbeat: 1, rejoin: 1 } });
  expect(answer.findings.find(({ key }) => key === 'consumer.over.session')?.evidence).toMatchObject([
    { worker: 'over', pid: 7, handlerMsMax: 12_500, sessionTimeoutMs: 10_000 },
  ]);

  await connection.query('DELETE FROM worker_heartbeat');
  await connection.query('RENAME TABLE applied_effect TO applied_effect_away');
  await connection.query(
    'CREATE VIEW applied_effect AS SELECT * FROM applied_effect_away WHERE id = (SELECT 1 UNION SELECT 2)',
  );
  const unread = await diagnose({ diagnosis: rebalance, target });
  expect(unread, unread.explanation.en).toMatchObject({ status: 'unknown', findings: [] });
});

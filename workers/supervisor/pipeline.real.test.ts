import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import type { Scope } from '../../infra/contract/scope.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { mysqlPool, type Pool } from '../../infra/mysql/pool.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { identify, isAlive, type ProcessIdentity, signalProcess, spawnDaemon } from '../../infra/process.ts';
import { seedAccounts } from '../../infra/scope/accounts.ts';
import { freshScope } from '../../infra/testing/fresh-scope.ts';
import { type Pipeline, type SupervisorEvent, startPipeline, type WorkerSpec } from './pipeline.ts';

const accounts = { firstAccount: 1, accounts: 50 };
const consumers: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: {} },
];
const writer = (count: number): WorkerSpec => ({
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: { ...accounts, runId: 'test', seed: 1, count, transfersPerSecond: 150 },
});

async function laboratory(): Promise<{ scope: Scope; pool: Pool; folder: string }> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  await seedAccounts(endpoints, scope, { first: accounts.firstAccount, count: accounts.accounts });
  const pool = mysqlPool({ endpoint: endpoints.mysql, database: scope.database, connections: 2 });
  onTestFinished(() => pool.end());
  const folder = mkdtempSync(join(tmpdir(), 'labctl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return { scope, pool, folder };
}

async function pipelineOf(
  specs: readonly WorkerSpec[],
): Promise<{ pipeline: Pipeline; events: SupervisorEvent[]; pool: Pool; scope: Scope; folder: string }> {
  const { scope, pool, folder } = await laboratory();
  const events: SupervisorEvent[] = [];
  const pipeline = await startPipeline(specs, {
    scope: scope.name,
    endpoints: inject('endpoints'),
    logDir: folder,
    journalDir: join(folder, 'journal'),
    onEvent: (event) => events.push(event),
  });
  onTestFinished(() => pipeline.stop());
  await pipeline.ready(20_000);
  return { pipeline, events, pool, scope, folder };
}

interface Totals {
  readonly legs: number;
  readonly effects: number;
  readonly distinctEffects: number;
}

async function totals(pool: Pool): Promise<Totals> {
  const [rows] = await pool.query<RowDataPacket[]>(
    `SELECT (SELECT COUNT(*) FROM ledger_entry) AS legs, COUNT(*) AS effects, COUNT(DISTINCT dedup_key) AS distinct_effects
     FROM applied_effect`,
  );
  const row = rows[0];
  return { legs: Number(row?.legs), effects: Number(row?.effects), distinctEffects: Number(row?.distinct_effects) };
}

test('kill -9 of each worker under load: started anew, nothing lost, nothing applied twice', async () => {
  const { pipeline, events, pool } = await pipelineOf([...consumers, writer(600)]);
  for (const name of ['transfer-writer', 'outbox-relay', 'balance-projector']) {
    const pid = pipeline.pidOf(name);
    const victim = pid === undefined ? undefined : await identify(pid);
    if (victim === undefined) throw new Error(`${name} does not run`);
    await signalProcess(victim, 'SIGKILL');
    await waitFor(`${name} to be started anew`, () => pipeline.incarnations(name) === 2, { timeoutMs: 10_000 });
  }
  await pipeline.finished('transfer-writer', 30_000);
  await waitFor(
    'every leg to be applied',
    async () => {
      const { legs, effects } = await totals(pool);
      return legs > 0 && effects >= legs;
    },
    { timeoutMs: 30_000 },
  );
  const { legs, effects, distinctEffects } = await totals(pool);
  expect(effects).toBe(distinctEffects);
  expect(distinctEffects).toBe(legs);
  expect(legs).toBeGreaterThan(1_100); // 600 transfers, less those that were in flight in the killed writer
  expect(events.filter(({ kind }) => kind === 'left-group').map(({ worker }) => worker)).toEqual(['balance-projector']);
});

test('a record that cannot be decoded stops its partition with a finding; the others go on', async () => {
  const { pipeline, pool, scope, folder } = await pipelineOf(consumers);
  const producer = kafkaClient({ brokers: inject('endpoints').kafka, clientId: 'test.poison' }).producer();
  await producer.connect();
  await producer.send({ topic: scope.topics.events, messages: [{ partition: 3, value: 'not an event' }] });
  await producer.disconnect();
  await waitFor('the finding', () => pipeline.findings().length > 0, { timeoutMs: 10_000 });
  expect(pipeline.findings()).toMatchObject([{ worker: 'balance-projector', key: 'partition.3' }]);
  expect(pipeline.findings()[0]?.message).toContain('stands still at offset 0');

  const load = await startPipeline([writer(60)], { scope: scope.name, endpoints: inject('endpoints'), logDir: folder });
  onTestFinished(() => load.stop());
  await load.finished('transfer-writer', 20_000);
  const counts = async () => {
    const [rows] = await pool.query<RowDataPacket[]>(
      `SELECT SUM(outbox.sent_partition = 3) AS poisoned, SUM(outbox.sent_partition <> 3) AS others,
              SUM(outbox.sent_partition = 3 AND effect.id IS NOT NULL) AS poisoned_applied,
              SUM(outbox.sent_partition <> 3 AND effect.id IS NOT NULL) AS others_applied, COUNT(*) AS events
       FROM outbox_event outbox LEFT JOIN applied_effect effect ON effect.dedup_key = outbox.dedup_key`,
    );
    return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]));
  };
  const settled = await waitFor(
    'the other partitions to be applied',
    async () => {
      const now = await counts();
      return now.events === 120 && now.others === now.others_applied && now;
    },
    { timeoutMs: 20_000 },
  );
  expect(settled.poisoned).toBeGreaterThan(0);
  expect(settled.poisoned_applied).toBe(0);
});

test('SIGKILL of the supervisor leaves no worker behind', async () => {
  const { scope, folder } = await laboratory();
  const script = join(packageRoot, 'workers', 'supervisor', 'testing', 'supervise.ts');
  const supervisor = await spawnDaemon(process.execPath, [script], {
    logFile: join(folder, 'supervisor.out'),
    env: {
      ...process.env,
      SUPERVISE: JSON.stringify({
        specs: [...consumers, writer(100_000)],
        scope: scope.name,
        endpoints: inject('endpoints'),
        folder,
      }),
    },
  });
  onTestFinished(() => void signalProcess(supervisor, 'SIGKILL'));
  const pool = mysqlPool({ endpoint: inject('endpoints').mysql, database: scope.database, connections: 1 });
  onTestFinished(() => pool.end());
  const workers = await waitFor(
    'three beating workers',
    async () => {
      const [rows] = await pool.query<RowDataPacket[]>('SELECT pid, process_start FROM worker_heartbeat');
      return (
        rows.length === 3 &&
        rows.map((row): ProcessIdentity => ({ pid: Number(row.pid), startedAt: String(row.process_start) }))
      );
    },
    { timeoutMs: 20_000 },
  );
  for (const worker of workers) expect(await isAlive(worker)).toBe(true);

  await signalProcess(supervisor, 'SIGKILL');
  await waitFor(
    'the workers to end',
    async () => {
      const alive = await Promise.all(workers.map(isAlive));
      return alive.every((one) => !one);
    },
    { timeoutMs: 12_000 },
  );
});

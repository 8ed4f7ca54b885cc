import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import { mysqlPool, type Pool } from '../../infra/mysql/pool.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { identify, isAlive, type ProcessIdentity, signalProcess, spawnDaemon } from '../../infra/process.ts';
import type { WorkerSpec } from './pipeline.ts';
import { labAccounts, laboratory } from './testing/laboratory.ts';

const consumers: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: {} },
];
const writer = (count: number): WorkerSpec => ({
  worker: 'transfer-writer',
  name: 'transfer-writer',
  options: { ...labAccounts, runId: 'test', seed: 1, count, transfersPerSecond: 150 },
});

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
  const { pool, events, run } = await laboratory();
  const pipeline = await run([...consumers, writer(600)]);
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

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, waitFor } from '../../infra/clock.ts';
import { labScopeName, scopeOf } from '../../infra/contract/scope.ts';
import { fileLogger } from '../../infra/log.ts';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { demoAccounts, demoBoot } from './demo.ts';
import { hasEventsOnTheWay } from './events-on-the-way.ts';
import { startPipeline, type WorkerSpec } from './pipeline.ts';

/** The detached supervisor of the demo pipeline: its own process, ended by SIGTERM. */

const boot = demoBoot.parse(JSON.parse(process.env.LABCTL_DEMO ?? 'null'));
const log = fileLogger(join(boot.logDir, 'supervisor.log'));
const accounts = { firstAccount: demoAccounts.first, accounts: demoAccounts.count };
const rules = { failureRules: boot.failureRulesFile };

const topology: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: rules },
  { worker: 'retry-forwarder', name: 'retry-forwarder', options: {} },
  { worker: 'dlq-indexer', name: 'dlq-indexer', options: rules },
  { worker: 'cache-invalidator', name: 'cache-invalidator', options: {} },
  { worker: 'balance-reader', name: 'balance-reader', options: { ...accounts, readsPerSecond: 100 } },
  {
    worker: 'transfer-writer',
    name: 'transfer-writer',
    options: {
      ...accounts,
      runId: 'demo',
      seed: systemClock.now() % 1_000_000,
      concurrency: 4,
      transfersPerSecond: boot.transfersPerSecond,
      badShare: boot.badShare,
    },
  },
];

const pipeline = await startPipeline(topology, {
  scope: labScopeName,
  endpoints: boot.endpoints,
  logDir: boot.logDir,
  onEvent: ({ kind, worker, pid, note }) => log.info(kind, { worker, childPid: pid, note }),
});
const drainTimeoutMs = 5_000;

/** The writer first, then what it wrote flows through: a stopped demo leaves events half way on the retry ladder only. */
async function stopInOrder(): Promise<void> {
  log.info('stopping');
  await pipeline.stop('transfer-writer');
  const pool = mysqlPool({ endpoint: boot.endpoints.mysql, database: scopeOf(labScopeName).database, connections: 1 });
  const recordsOf = (name: string): number => pipeline.counters(name).records ?? 0;
  const drained = async (): Promise<boolean> =>
    !(await hasEventsOnTheWay(pool)) && recordsOf('cache-invalidator') >= recordsOf('balance-projector');
  await waitFor('what was written to be applied', drained, { timeoutMs: drainTimeoutMs }).catch(() => {
    log.warn('stopped before all was applied; it will be after the next start');
  });
  await pool.end();
  await pipeline.stop();
}
// Nothing else is left in this process: it ends when its workers have.
const stop = (): void => void stopInOrder();
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
await pipeline.ready(25_000).then(
  () => writeFileSync(boot.readyFile, ''),
  (error: unknown) => log.error(String(error)),
);

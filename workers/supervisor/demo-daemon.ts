import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../infra/clock.ts';
import { labScopeName } from '../../infra/contract/scope.ts';
import { fileLogger } from '../../infra/log.ts';
import { demoAccounts, demoBoot } from './demo.ts';
import { startPipeline, type WorkerSpec } from './pipeline.ts';

/** The detached supervisor of the demo pipeline: its own process, ended by SIGTERM. */

const boot = demoBoot.parse(JSON.parse(process.env.LABCTL_DEMO ?? 'null'));
const log = fileLogger(join(boot.logDir, 'supervisor.log'));
const accounts = { firstAccount: demoAccounts.first, accounts: demoAccounts.count };

const topology: readonly WorkerSpec[] = [
  { worker: 'outbox-relay', name: 'outbox-relay', options: {} },
  { worker: 'balance-projector', name: 'balance-projector', options: {} },
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
    },
  },
];

const pipeline = await startPipeline(topology, {
  scope: labScopeName,
  endpoints: boot.endpoints,
  logDir: boot.logDir,
  onEvent: ({ kind, worker, pid, note }) => log.info(kind, { worker, childPid: pid, note }),
});
const stop = (): void => {
  log.info('stopping');
  // Nothing else is left in this process: it ends when its workers have.
  void pipeline.stop();
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
await pipeline.ready(25_000).then(
  () => writeFileSync(boot.readyFile, ''),
  (error: unknown) => log.error(String(error)),
);

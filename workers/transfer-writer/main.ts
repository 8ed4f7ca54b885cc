import { join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../../infra/clock.ts';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { type PlantedClass, plantedClasses, plantedIn } from '../domain/planting.ts';
import { plannedTransfer } from '../domain/transfer.ts';
import { runWorker } from '../host/worker.ts';
import { plantInto } from './plant.ts';
import { nextIndex } from './resume.ts';
import { commitTransfer } from './transfer.ts';
import { runWorkload } from './workload.ts';

const options = z.object({
  runId: z.string(),
  seed: z.number().int(),
  firstAccount: z.number().int(),
  accounts: z.number().int().min(2),
  concurrency: z.number().int().min(1).default(8),
  count: z.number().int().min(1).optional(),
  transfersPerSecond: z.number().positive().optional(),
  /** Share of transfers with an event that cannot be handled, over the classes named. */
  badShare: z.number().min(0).max(1).default(0),
  badClasses: z
    .string()
    .default(plantedClasses.join(','))
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(plantedClasses)).min(1)),
});

await runWorker(async (context) => {
  const { boot, scope, counters } = context;
  const { count, transfersPerSecond, badShare, badClasses, ...given } = options.parse(boot.options);
  // Without a journal a restarted writer cannot know where it was: each process then numbers a run of its own.
  const plan = boot.journalDir === undefined ? { ...given, runId: `${given.runId}-${processTag()}` } : given;
  const pool = mysqlPool({
    endpoint: boot.endpoints.mysql,
    database: scope.database,
    connections: plan.concurrency,
    owner: context.clientId,
  });
  const journalFile = boot.journalDir === undefined ? undefined : join(boot.journalDir, `${boot.name}.ndjson`);
  const firstIndex = await nextIndex(journalFile, plan.runId);
  const workload = {
    firstIndex,
    concurrency: plan.concurrency,
    ...(count === undefined ? {} : { count }),
    ...(transfersPerSecond === undefined ? {} : { transfersPerSecond }),
  };
  const plantings = (index: number): PlantedClass | undefined =>
    plantedIn({ seed: plan.seed, share: badShare, classes: badClasses }, index) ??
    plantedIn({ seed: plan.seed + 1, share: context.switches.poisonShare(), classes: ['schema'] }, index);
  const done = runWorkload(
    workload,
    (index) => plantInto(plannedTransfer(plan, index), plantings(index)),
    ({ planted, ...transfer }, atMs) =>
      commitTransfer(pool, transfer, { atMs, planted, onRetry: (errno) => counters.add(`errno${errno}`) }),
    context,
  );
  return { mode: 'outbox', done, stop: () => done.then(() => pool.end()) };
});

function processTag(): string {
  return `${process.pid.toString(36)}-${systemClock.now().toString(36)}`;
}

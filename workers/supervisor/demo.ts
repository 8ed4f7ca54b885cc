import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { systemClock, waitFor } from '../../infra/clock.ts';
import type { Config } from '../../infra/config.ts';
import { labScopeName, scopeOf } from '../../infra/contract/scope.ts';
import { EngineError } from '../../infra/errors.ts';
import { packageRoot, runsFromSource } from '../../infra/package-root.ts';
import { isAlive, type ProcessIdentity, spawnDaemon, terminate } from '../../infra/process.ts';
import { endMarkedProcesses } from '../../infra/process-marks.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';

/**
 * The demo pipeline: a small continuous workload through the lab's own scope, kept by a detached supervisor that outlives
 * the command. Known by pid and start time in `<stateDir>/demo.json`; killing the supervisor ends its workers.
 */
export interface DemoStatus {
  readonly running: boolean;
  readonly transfersPerSecond?: number;
  readonly process?: ProcessIdentity;
  readonly sinceMs?: number;
  readonly logDir: string;
}

/** What the daemon is told, as JSON in LABCTL_DEMO. */
export const demoBoot = z.object({
  endpoints: z.object({
    kafka: z.array(z.string()),
    mysql: z.object({ host: z.string(), port: z.number(), user: z.string(), password: z.string() }),
    redis: z.object({ host: z.string(), port: z.number() }),
    registry: z.string(),
  }),
  transfersPerSecond: z.number().positive(),
  badShare: z.number().min(0).max(1),
  failureRulesFile: z.string(),
  logDir: z.string(),
  readyFile: z.string(),
});

/** The accounts that the demo moves money between. */
export const demoAccounts = { first: 1, count: 1_000 } as const;

const record = z.object({
  process: z.object({ pid: z.number().int(), startedAt: z.string() }),
  transfersPerSecond: z.number(),
  sinceMs: z.number(),
});

/** In the environment of the daemon, and so of its workers. */
const markName = 'LABCTL_DEMO_OF';

const readyTimeoutMs = 30_000;

/**
 * Starts the workload, or starts it anew at another rate; returns when every worker is ready.
 * @throws EngineError when an engine or a worker does not come up; nothing is left running then.
 */
export async function startDemo({
  config,
  endpoints,
  transfersPerSecond,
  badShare = 0,
}: {
  readonly config: Pick<Config, 'stateDir' | 'failureRulesFile'>;
  readonly endpoints: Endpoints;
  readonly transfersPerSecond: number;
  /** Of the transfers, 0 … 1: so many carry an event that cannot be handled. */
  readonly badShare?: number;
}): Promise<DemoStatus> {
  await stopDemo(config);
  // Behind it stands the MySQL client, which `load status` and `down` have no use for.
  const { seedAccounts } = await import('../../infra/scope/accounts.ts');
  await seedAccounts(endpoints, scopeOf(labScopeName), demoAccounts);
  const { logDir, recordFile, readyFile } = placesOf(config);
  mkdirSync(logDir, { recursive: true });
  rmSync(readyFile, { force: true });
  const boot: z.infer<typeof demoBoot> = {
    endpoints: { ...endpoints, kafka: [...endpoints.kafka] },
    transfersPerSecond,
    badShare,
    failureRulesFile: config.failureRulesFile,
    logDir,
    readyFile,
  };
  const script = runsFromSource
    ? join(packageRoot, 'workers', 'supervisor', 'demo-daemon.ts')
    : join(packageRoot, 'dist', 'workers', 'supervisor', 'demo-daemon.js');
  const daemon = await spawnDaemon(process.execPath, [script], {
    logFile: join(logDir, 'supervisor.out'),
    env: { ...process.env, LABCTL_DEMO: JSON.stringify(boot), [markName]: config.stateDir },
  });
  writeFileSync(
    `${recordFile}.new`,
    JSON.stringify({ process: daemon, transfersPerSecond, sinceMs: systemClock.now() }),
  );
  renameSync(`${recordFile}.new`, recordFile);
  try {
    await waitFor('the demo pipeline', () => readIfPresent(readyFile) !== undefined, { timeoutMs: readyTimeoutMs });
  } catch (error) {
    await stopDemo(config);
    throw new EngineError('machine', 'the demo pipeline did not become ready', {
      cause: error,
      tryThis: [`read ${logDir}/supervisor.log`, 'labctl status'],
    });
  }
  return demoStatus(config);
}

/** Ends it in order; no demo running is fine. @returns whether one was running. */
export async function stopDemo(config: Pick<Config, 'stateDir'>): Promise<boolean> {
  const { process: daemon, running } = await demoStatus(config);
  const { recordFile, readyFile } = placesOf(config);
  if (running && daemon !== undefined) await terminate(daemon, 15_000);
  // One without a record: whoever started it was killed before writing it.
  await endMarkedProcesses(markName, config.stateDir, 15_000);
  rmSync(recordFile, { force: true });
  rmSync(readyFile, { force: true });
  return running;
}

export async function demoStatus(config: Pick<Config, 'stateDir'>): Promise<DemoStatus> {
  const { logDir, recordFile } = placesOf(config);
  const text = readIfPresent(recordFile);
  if (text === undefined) return { running: false, logDir };
  const { process: daemon, transfersPerSecond, sinceMs } = record.parse(JSON.parse(text));
  return { running: await isAlive(daemon), process: daemon, transfersPerSecond, sinceMs, logDir };
}

function placesOf({ stateDir }: Pick<Config, 'stateDir'>) {
  return {
    logDir: join(stateDir, 'demo'),
    recordFile: join(stateDir, 'demo.json'),
    readyFile: join(stateDir, 'demo', 'ready'),
  };
}

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

import { type Clock, systemClock, within } from '../../infra/clock.ts';
import { type Scope, scopeOf } from '../../infra/contract/scope.ts';
import { messageOf } from '../../infra/errors.ts';
import type { Logger } from '../../infra/log.ts';
import { mysqlPool, type Pool } from '../../infra/mysql/pool.ts';
import { type WorkerBoot, type WorkerFinding, workerBoot } from '../protocol/messages.ts';
import { type Counters, createCounters } from './counters.ts';
import { createFailpoint, type Failpoint, killSelf } from './failpoints.ts';
import { openHeartbeat } from './heartbeat.ts';
import { type Journal, openJournal } from './journal.ts';
import { createKeyCounter, type KeyCounter } from './key-counter.ts';
import { stderrLogger } from './stderr-log.ts';
import { openSwitches, type Switches } from './switches.ts';
import { processTransport, type Transport } from './transport.ts';

/** What every worker is given; built here, once, from LABCTL_WORKER. */
export interface WorkerContext {
  readonly boot: WorkerBoot;
  readonly scope: Scope;
  readonly clock: Clock;
  readonly log: Logger;
  readonly counters: Counters;
  /** Which keys of the cache it asks for. */
  readonly cacheKeys: KeyCounter;
  readonly journal: Journal;
  readonly failpoint: Failpoint;
  /** The lab's switches, looked at once a second. */
  readonly switches: Switches;
  /** Aborts when the worker is told to stop. */
  readonly signal: AbortSignal;
  readonly clientId: string;
  /** Says why the worker, or a part of it, stands still. Stays until cleared by its key. */
  report(finding: WorkerFinding): void;
  clear(key: string): void;
}

export interface RunningWorker {
  /** For people: `outbox, trace`. */
  readonly mode: string;
  /** Resolves when a counted workload is done; rejects when the worker cannot go on and must be started anew. */
  readonly done: Promise<void>;
  /** Finishes what is in hand and gives back memberships and leases. */
  stop(): Promise<void>;
}

const beatEveryMs = 1_000;
const countersEveryMs = 250;
const stopTimeoutMs = 8_000;

/**
 * The life of a worker process: boot, ready, work, stop. Ends on `stop`, SIGTERM, SIGINT, or when its supervisor is
 * gone; a worker that fails ends with code 1 and whoever runs it starts it anew.
 */
export async function runWorker(start: (context: WorkerContext) => Promise<RunningWorker>): Promise<void> {
  const boot = workerBoot.parse(JSON.parse(process.env.LABCTL_WORKER ?? 'null'));
  const transport = processTransport();
  const log = stderrLogger({ worker: boot.name, pid: process.pid });
  const stopping = stopSignal(transport);
  const heart = mysqlPool({ endpoint: boot.endpoints.mysql, database: scopeOf(boot.scope).database, connections: 1 });
  const switches = openSwitches(heart, boot.name, systemClock);
  const { context, findings } = contextOf(boot, { transport, log, switches, signal: stopping });
  let exitCode = 0;
  try {
    await lookAtSwitches(context);
    const worker = await start(context);
    const beating = await keepBeating({ heart, context, mode: worker.mode, findings, transport });
    transport.send({ type: 'ready' });
    worker.done.then(
      () => transport.send({ type: 'finished' }),
      () => {}, // awaited below
    );
    await Promise.race([aborted(stopping), worker.done.then(() => aborted(stopping))]);
    await within('stopping the worker', stopTimeoutMs, worker.stop());
    await beating.stop();
  } catch (error) {
    if (!stopping.aborted) {
      exitCode = 1;
      log.error(messageOf(error), { stack: error instanceof Error ? (error.stack ?? '') : '' });
    }
  }
  transport.send({ type: 'counters', counters: context.counters.snapshot() });
  context.journal.close();
  await within('closing', 2_000, heart.end()).catch(() => {});
  process.exit(exitCode);
}

function contextOf(
  boot: WorkerBoot,
  {
    transport,
    log,
    switches,
    signal,
  }: {
    readonly transport: Transport;
    readonly log: Logger;
    readonly switches: Switches;
    readonly signal: AbortSignal;
  },
): { context: WorkerContext; findings: () => readonly WorkerFinding[] } {
  const scope = scopeOf(boot.scope);
  const journal = openJournal(boot.journalDir, boot.name);
  const findings = new Map<string, WorkerFinding>();
  const context: WorkerContext = {
    boot,
    scope,
    clock: systemClock,
    log,
    counters: createCounters(),
    cacheKeys: createKeyCounter(systemClock.monotonic),
    journal,
    failpoint: createFailpoint(boot.failpoints, { journal, clock: systemClock, kill: killSelf }),
    switches,
    signal,
    clientId: scope.clientId(boot.name, process.pid),
    report(finding) {
      if (findings.get(finding.key)?.message === finding.message) return;
      findings.set(finding.key, finding);
      log.warn(finding.message, { finding: finding.key });
      transport.send({ type: 'finding', finding });
    },
    clear: (key) => void findings.delete(key),
  };
  return { context, findings: () => [...findings.values()] };
}

async function keepBeating(options: {
  readonly heart: Pool;
  readonly context: WorkerContext;
  readonly mode: string;
  readonly findings: () => readonly WorkerFinding[];
  readonly transport: Transport;
}): Promise<{ stop(): Promise<void> }> {
  const { heart, context, mode, findings, transport } = options;
  const heartbeat = await openHeartbeat(heart, context.boot.name);
  // A database that is down must not end the worker: the row grows stale, and that is what the probe shows.
  const beat = () =>
    within(
      'heartbeat',
      5_000,
      heartbeat.beat({
        mode,
        counters: context.counters.snapshot(),
        findings: findings(),
        topKeys: context.cacheKeys.snapshot(),
      }),
    ).catch((error) => context.log.warn(`no heartbeat: ${messageOf(error)}`));
  await beat();
  const stopBeats = context.clock.every(beatEveryMs, async () => {
    await beat();
    await lookAtSwitches(context);
  });
  const stopCounters = context.clock.every(countersEveryMs, () =>
    transport.send({ type: 'counters', counters: context.counters.snapshot() }),
  );
  return {
    async stop() {
      stopBeats();
      stopCounters();
      await within('removing the heartbeat', 2_000, heartbeat.remove()).catch(() => {});
    },
  };
}

/** Failing to look is no reason to stop: what was known runs out by itself. */
async function lookAtSwitches({ switches, log }: WorkerContext): Promise<void> {
  await within('looking at the switches', 2_000, switches.refresh()).catch((error) =>
    log.warn(`switches not read: ${messageOf(error)}`),
  );
}

function stopSignal(transport: Transport): AbortSignal {
  const controller = new AbortController();
  const stop = () => controller.abort();
  transport.onMessage(stop);
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  transport.onOrphaned(() => {
    stop();
    // Nobody is left to restart or to stop it: orderly if that is quick, gone in any case.
    systemClock.after(stopTimeoutMs, () => process.exit(1));
  });
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

import { type Clock, within } from '../../infra/clock.ts';
import { type Scope, scopeOf } from '../../infra/contract/scope.ts';
import { messageOf, TimeoutError } from '../../infra/errors.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { evictMembers } from '../../infra/kafka/evict-member.ts';
import { terminate } from '../../infra/process.ts';
import { type FromWorker, protocolVersion, type WorkerBoot, type WorkerFinding } from '../protocol/messages.ts';
import { type Child, type ChildEnd, spawnChild } from './child.ts';
import type { PipelineOptions, SupervisorEvent, WorkerSpec } from './pipeline.ts';
import { groupOf } from './workers.ts';

/** Keeps one worker running: spawns it, hears it, starts it anew when it dies, until it is told to stop. */
export interface Keeper {
  wasReady(): boolean;
  hasFinished(): boolean;
  counters(): Readonly<Record<string, number>>;
  incarnations(): number;
  pid(): number | undefined;
  findings(): readonly WorkerFinding[];
  stop(): Promise<void>;
}

const restartDelayMinMs = 100;
const restartDelayMaxMs = 5_000;
/** A process that lived this long starts the next one without a delay that grew. */
const healthyAfterMs = 10_000;
const stopGraceMs = 10_000;

interface State {
  child: Child | undefined;
  incarnations: number;
  ready: boolean;
  finished: boolean;
  /** Of ended processes, summed. */
  past: Record<string, number>;
  /** Of the running one, as it last said. */
  current: Readonly<Record<string, number>>;
  findings: Map<string, WorkerFinding>;
}

export function startKeeper(spec: WorkerSpec, options: PipelineOptions, clock: Clock): Keeper {
  const state: State = {
    child: undefined,
    incarnations: 0,
    ready: false,
    finished: false,
    past: {},
    current: {},
    findings: new Map(),
  };
  const stopping = new AbortController();
  const running = keepRunning(spec, options, { state, clock, signal: stopping.signal });
  return {
    wasReady: () => state.ready,
    hasFinished: () => state.finished,
    counters: () => summed(state.past, state.current),
    incarnations: () => state.incarnations,
    pid: () => state.child?.pid,
    findings: () => [...state.findings.values()],
    async stop() {
      stopping.abort();
      const { child } = state;
      await child?.requestStop();
      if (child?.identity !== undefined) await endedOrTerminated(child, clock);
      await running;
    },
  };
}

async function endedOrTerminated(child: Child, clock: Clock): Promise<void> {
  try {
    await within('an orderly end', stopGraceMs, child.ended, clock);
  } catch (error) {
    if (!(error instanceof TimeoutError) || child.identity === undefined) throw error;
    await terminate(child.identity, 1_000, clock);
  }
}

interface Effects {
  readonly state: State;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function keepRunning(
  spec: WorkerSpec,
  options: PipelineOptions,
  { state, clock, signal }: Effects,
): Promise<void> {
  const scope = scopeOf(options.scope);
  const say = (kind: SupervisorEvent['kind'], note: string): void =>
    options.onEvent?.({ atMs: clock.now(), worker: spec.name, pid: state.child?.pid ?? 0, kind, note });
  let delayMs = restartDelayMinMs;
  while (!signal.aborted) {
    const startedAt = clock.monotonic();
    try {
      const boot = bootOf(spec, options, state.incarnations);
      state.incarnations += 1;
      state.child = await spawnChild(spec.worker, boot, {
        logDir: options.logDir,
        onMessage: (message) => hear(message, state, say),
      });
      say('spawned', `incarnation ${state.incarnations}`);
      if (signal.aborted) void state.child.requestStop(); // told to stop while it was being spawned
      const end = await state.child.ended;
      state.past = summed(state.past, state.current);
      state.current = {};
      say(end.signal === undefined ? 'exited' : 'killed', describe(end));
      if (signal.aborted) return;
      await leaveGroup(spec, scope, options, state.child.pid, say);
    } catch (error) {
      say('exited', messageOf(error));
    }
    delayMs =
      clock.monotonic() - startedAt > healthyAfterMs ? restartDelayMinMs : Math.min(delayMs * 2, restartDelayMaxMs);
    say('restarting', `in ${delayMs} ms`);
    await clock.sleep(delayMs, signal).catch(() => {});
  }
}

function bootOf(spec: WorkerSpec, options: PipelineOptions, incarnation: number): WorkerBoot {
  const { endpoints } = options;
  return {
    protocolVersion,
    scope: options.scope,
    name: spec.name,
    endpoints: { ...endpoints, kafka: [...endpoints.kafka] },
    ...(options.journalDir === undefined ? {} : { journalDir: options.journalDir }),
    failpoints: [...(spec.failpoints?.[incarnation] ?? [])],
    options: spec.options,
  };
}

function hear(message: FromWorker, state: State, say: (kind: SupervisorEvent['kind'], note: string) => void): void {
  switch (message.type) {
    case 'ready':
      state.ready = true;
      state.findings.clear();
      say('ready', '');
      break;
    case 'counters':
      state.current = message.counters;
      break;
    case 'finding':
      state.findings.set(message.finding.key, message.finding);
      say('finding', message.finding.message);
      break;
    case 'finished':
      state.finished = true;
      say('finished', '');
  }
}

/**
 * A dead consumer costs its session timeout before its partitions move. We saw this one die, so we leave for it. A failure
 * here only means waiting for that timeout.
 */
async function leaveGroup(
  spec: WorkerSpec,
  scope: Scope,
  options: PipelineOptions,
  pid: number,
  say: (kind: SupervisorEvent['kind'], note: string) => void,
): Promise<void> {
  const groupId = groupOf(spec.worker, scope);
  if (groupId === undefined) return;
  const kafka = kafkaClient({ brokers: options.endpoints.kafka, clientId: scope.clientId('supervisor', process.pid) });
  try {
    const evicted = await evictMembers(kafka, { groupId, clientId: scope.clientId(spec.name, pid) });
    if (evicted > 0) say('left-group', `${groupId}: ${evicted} member(s)`);
  } catch (error) {
    say('left-group', `could not leave ${groupId} for it: ${messageOf(error)}`);
  }
}

function summed(
  left: Readonly<Record<string, number>>,
  right: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum: Record<string, number> = { ...left };
  for (const [name, value] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

function describe({ exitCode, signal }: ChildEnd): string {
  return signal === undefined ? `exit code ${exitCode ?? '?'}` : `by ${signal}`;
}

import { type Clock, systemClock } from '../../infra/clock.ts';
import { InterruptedError, messageOf, TimeoutError } from '../../infra/errors.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import { type Pipeline, startPipeline } from '../../workers/supervisor/pipeline.ts';
import { askDiagnoses } from './ask-diagnoses.ts';
import { collectCache, collectRows } from './collect.ts';
import type { Arm, ArmPlan } from './define.ts';
import type { Say } from './events.ts';
import type { FinalState } from './final-state.ts';
import { type GateCheck, readGate } from './gate.ts';
import { type ArmRecord, type RunFolder, writeArmRecord, writeFinalState } from './run-folder.ts';
import { openScopeEngines } from './scope-engines.ts';
import { type Restlessness, readRestlessness, settle } from './settle.ts';

export interface ArmRun {
  readonly arm: Arm;
  readonly plan: ArmPlan;
  readonly scope: string;
  readonly endpoints: Endpoints;
  readonly folder: RunFolder;
  readonly say: Say;
  readonly signal: AbortSignal;
}

/** What an arm does to the world; tests of the order of things bring their own. */
export interface ArmEffects {
  readonly start: typeof startPipeline;
  readonly open: (endpoints: Endpoints, scope: string) => Promise<ArmEngines>;
  readonly clock: Clock;
}

export interface ArmEngines {
  gate(services: Pipeline, plan: ArmPlan): Promise<readonly GateCheck[]>;
  restlessness(): Promise<Restlessness>;
  cache(): Promise<FinalState['cache']>;
  rows(): Promise<Omit<FinalState, 'cache' | 'counters' | 'incarnations' | 'settled' | 'diagnosed'>>;
  diagnose(ids: readonly string[], signal: AbortSignal): Promise<FinalState['diagnosed']>;
  close(): Promise<void>;
}

export const realArmEffects: ArmEffects = {
  start: startPipeline,
  async open(endpoints, scope) {
    const engines = await openScopeEngines(endpoints, scope);
    return {
      gate: (services, plan) => readGate(engines, services, plan),
      restlessness: () => readRestlessness(engines),
      cache: () => collectCache(engines),
      rows: () => collectRows(engines),
      diagnose: (ids, signal) => askDiagnoses(endpoints, scope, { ids, signal }),
      close: () => engines.close(),
    };
  },
  clock: systemClock,
};

const readyTimeoutMs = 60_000;
const sampleEveryMs = 500;
const progressEveryMs = 5_000;

/**
 * Start, gate, workload and faults, settle, collect. It only records: nothing here decides whether the arm held. It never
 * throws; how far it came is in the arm's record, and no worker of it is left running.
 */
export async function runArm(run: ArmRun, effects: ArmEffects = realArmEffects): Promise<ArmRecord> {
  const startedAt = effects.clock.monotonic();
  const pipelines: Pipeline[] = [];
  const gate: GateCheck[] = [];
  let ended: Pick<ArmRecord, 'outcome' | 'reason'>;
  try {
    ended = await recordArm(run, effects, { pipelines, gate });
  } catch (error) {
    const interrupted = error instanceof InterruptedError || run.signal.aborted;
    ended = { outcome: interrupted ? 'interrupted' : 'broken', reason: messageOf(error) };
    if (!interrupted) run.say({ kind: 'problem', arm: run.arm.name, message: messageOf(error) });
  }
  await Promise.allSettled(pipelines.map((pipeline) => pipeline.stop()));
  const record = { ...ended, gate, durationMs: Math.round(effects.clock.monotonic() - startedAt) };
  await writeArmRecord(run.folder, run.arm.name, record);
  return record;
}

interface Kept {
  readonly pipelines: Pipeline[];
  readonly gate: GateCheck[];
}

async function recordArm(run: ArmRun, effects: ArmEffects, kept: Kept): Promise<Pick<ArmRecord, 'outcome' | 'reason'>> {
  const { arm, plan, scope, endpoints, folder, say, signal } = run;
  const start = async (specs: ArmPlan['services']): Promise<Pipeline> => {
    const pipeline = await effects.start(specs, {
      scope,
      endpoints,
      journalDir: folder.journalOf(arm.name),
      logDir: folder.logsOf(arm.name),
      onEvent: ({ worker, pid, kind, note }) => say({ kind: 'worker', arm: arm.name, worker, pid, what: kind, note }),
    });
    kept.pipelines.push(pipeline);
    return pipeline;
  };
  const engines = await effects.open(endpoints, scope);
  try {
    say({ kind: 'phase', arm: arm.name, phase: 'start' });
    const services = await start(plan.services);
    await services.ready(readyTimeoutMs, signal);

    say({ kind: 'phase', arm: arm.name, phase: 'gate' });
    kept.gate.push(...(await engines.gate(services, plan)));
    for (const check of kept.gate) say({ kind: 'gate', arm: arm.name, ...check });
    if (kept.gate.some(({ met }) => !met)) return { outcome: 'gate not met', reason: missing(kept.gate) };

    say({ kind: 'phase', arm: arm.name, phase: 'workload' });
    const workload = await start([plan.workload]);
    const stopSampling = effects.clock.every(sampleEveryMs, () => sample(run, services, workload));
    const stopProgress = tellProgress(run, workload, effects.clock);
    try {
      await untilFinished(run, workload).finally(stopProgress);
      const state = await collect(run, engines, { services, workload, clock: effects.clock });
      await writeFinalState(folder, arm.name, state);
    } finally {
      stopSampling();
    }
    return { outcome: 'recorded' };
  } finally {
    await engines.close();
  }
}

/** @returns the function that stops it. */
function tellProgress({ arm, plan, say }: ArmRun, workload: Pipeline, clock: Clock): () => void {
  const startedAt = clock.monotonic();
  return clock.every(progressEveryMs, () => {
    const { ok = 0, fail = 0, info = 0 } = workload.counters(plan.workload.name);
    const done = ok + fail + info;
    const perSecond = (done * 1_000) / (clock.monotonic() - startedAt);
    const leftMs = perSecond > 0 ? Math.round(((plan.transfers - done) / perSecond) * 1_000) : undefined;
    say({
      kind: 'progress',
      arm: arm.name,
      done,
      total: plan.transfers,
      perSecond: Math.round(perSecond),
      ...(leftMs === undefined ? {} : { leftMs }),
    });
  });
}

function missing(gate: readonly GateCheck[]): string {
  return gate.flatMap(({ check, met, seen }) => (met ? [] : [`${check}, seen ${seen}`])).join('; ');
}

/** A workload that does not end in time is recorded as far as it came: its witness will say that it was too little. */
async function untilFinished({ arm, plan, say, signal }: ArmRun, workload: Pipeline): Promise<void> {
  await workload.ready(readyTimeoutMs, signal);
  try {
    await workload.finished(plan.workload.name, plan.workloadTimeoutMs, signal);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    say({ kind: 'problem', arm: arm.name, message: error.message });
  }
}

interface Running {
  readonly services: Pipeline;
  readonly workload: Pipeline;
  readonly clock: Clock;
}

async function collect(run: ArmRun, engines: ArmEngines, running: Running): Promise<FinalState> {
  const { arm, plan, say, signal } = run;
  const { services, workload, clock } = running;
  say({ kind: 'phase', arm: arm.name, phase: 'settle' });
  const settled = await settle(() => engines.restlessness(), {
    cachedWanted: plan.accounts.count,
    signal,
    clock,
    onProgress: (state) => say({ kind: 'settling', arm: arm.name, ...state }),
  });
  if (!settled) say({ kind: 'problem', arm: arm.name, message: 'the pipeline did not come to rest' });

  say({ kind: 'phase', arm: arm.name, phase: 'collect' });
  const cache = await engines.cache();
  await Promise.all([workload.stop(), services.stop()]);
  sample(run, services, workload);
  const rows = await engines.rows();
  const asked = (arm.diagnoses ?? []).map(({ diagnosis }) => diagnosis);
  const diagnosed = asked.length === 0 ? [] : await engines.diagnose(asked, signal);
  const workers = [
    ...plan.services.map(({ name }) => ({ name, from: services })),
    { name: plan.workload.name, from: workload },
  ];
  return {
    ...rows,
    cache,
    diagnosed,
    counters: Object.fromEntries(workers.map(({ name, from }) => [name, { ...from.counters(name) }])),
    incarnations: Object.fromEntries(workers.map(({ name, from }) => [name, from.incarnations(name)])),
    settled,
  };
}

function sample({ arm, plan, say }: ArmRun, services: Pipeline, workload: Pipeline): void {
  const counters: Record<string, number> = {};
  const add = (name: string, from: Pipeline): void => {
    for (const [counter, value] of Object.entries(from.counters(name))) counters[`${name}.${counter}`] = value;
  };
  for (const { name } of plan.services) add(name, services);
  add(plan.workload.name, workload);
  say({ kind: 'sample', arm: arm.name, counters });
}

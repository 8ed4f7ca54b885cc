import { systemClock } from '../../../infra/clock.ts';
import { InterruptedError, TimeoutError } from '../../../infra/errors.ts';
import type { Pipeline, WorkerSpec } from '../../../workers/supervisor/pipeline.ts';
import type { ArmEffects, ArmEngines } from '../arm.ts';
import type { RunEffects } from '../run.ts';
import { cleanRun } from './clean-run.ts';

/** For tests of the order of things only: nothing is spawned, nothing is read; every step is written down. */
export interface FakeWorld {
  readonly steps: string[];
  readonly effects: RunEffects;
}

export interface FakeOptions {
  readonly gateMet?: boolean;
  /** The workload never says that it has finished. */
  readonly hangs?: boolean;
  /** Called when the workload has started. */
  readonly onWorkload?: () => void;
  readonly brokenEngine?: boolean;
  readonly removeProblems?: readonly string[];
}

export function fakeWorld(options: FakeOptions = {}): FakeWorld {
  const steps: string[] = [];
  const { state } = cleanRun({ transfers: 20 });
  const { accounts, ledger, outbox, projections, effects, topic, cache } = state;
  const engines: ArmEngines = {
    async gate() {
      steps.push('gate');
      return [{ check: 'ledger rows: 0', met: options.gateMet ?? true, seen: options.gateMet === false ? '7' : '0' }];
    },
    async restlessness() {
      if (options.brokenEngine === true) throw new Error('MySQL is gone');
      return { pending: 0, projectorLag: 0, invalidatorLag: 0, cached: 10_000 };
    },
    async cache() {
      steps.push('read cache');
      return cache;
    },
    async rows() {
      steps.push('read rows');
      return { accounts, ledger, outbox, projections, effects, topic };
    },
    async diagnose(ids) {
      steps.push(`diagnose ${ids.join(' ')}`);
      return ids.map((diagnosis) => ({ diagnosis, status: 'clean' as const, counts: {}, findings: [] }));
    },
    async close() {
      steps.push('close');
    },
  };
  const arm: ArmEffects = {
    clock: systemClock,
    open: async () => engines,
    async start(specs) {
      steps.push(`start ${namesOf(specs)}`);
      if (namesOf(specs) === 'transfer-writer') options.onWorkload?.();
      return fakePipeline(specs, steps, options);
    },
  };
  return {
    steps,
    effects: {
      arm,
      async reach() {
        steps.push('reach');
      },
      hold: async () => ({ release: async () => void steps.push('release') }),
      async prepare(_, scope) {
        steps.push(`prepare ${scope.replace(/_\w{6}_/, '_…_')}`);
      },
      async removeScopes(_, scopes) {
        steps.push(`remove ${scopes.length}`);
        return options.removeProblems ?? [];
      },
      versions: async () => ({ mysql: '9.7.4' }),
    },
  };
}

function namesOf(specs: readonly WorkerSpec[]): string {
  return specs.map(({ name }) => name).join(' ');
}

function fakePipeline(specs: readonly WorkerSpec[], steps: string[], { hangs }: FakeOptions): Pipeline {
  return {
    async ready(_, signal) {
      if (signal?.aborted) throw new InterruptedError();
    },
    async finished(name, timeoutMs, signal) {
      if (signal?.aborted) throw new InterruptedError();
      if (hangs === true) throw new TimeoutError(`gave up waiting for ${name} to finish after ${timeoutMs} ms`);
    },
    counters: () => ({ ok: 20 }),
    incarnations: () => 1,
    pidOf: () => 4711,
    async stop() {
      steps.push(`stop ${namesOf(specs)}`);
    },
    findings: () => [],
  };
}

import { systemClock, waitFor } from '../../infra/clock.ts';
import { EngineError } from '../../infra/errors.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import type { FailpointPlan, WorkerFinding, WorkerOptions } from '../protocol/messages.ts';
import { type Keeper, startKeeper } from './keeper.ts';
import type { WorkerName } from './workers.ts';

/** One worker of a topology. */
export interface WorkerSpec {
  readonly worker: WorkerName;
  /** Unique in the pipeline: `outbox-relay`, `outbox-relay-2`. */
  readonly name: string;
  readonly options: WorkerOptions;
  /** By incarnation: the first list for the first process, the second for the one after its death. Later ones: none. */
  readonly failpoints?: readonly (readonly FailpointPlan[])[];
}

export interface PipelineOptions {
  readonly scope: string;
  readonly endpoints: Endpoints;
  readonly journalDir?: string;
  readonly logDir: string;
  readonly onEvent?: (event: SupervisorEvent) => void;
}

export interface SupervisorEvent {
  readonly atMs: number;
  readonly worker: string;
  readonly pid: number;
  readonly kind: 'spawned' | 'ready' | 'exited' | 'killed' | 'restarting' | 'left-group' | 'finding' | 'finished';
  readonly note: string;
}

export interface Pipeline {
  /** Every worker has been ready at least once. @throws EngineError naming those that are not, with their log. */
  ready(timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Summed over all processes that ran under the name. @throws Error for an unknown name. */
  counters(name: string): Readonly<Record<string, number>>;
  incarnations(name: string): number;
  pidOf(name: string): number | undefined;
  /** The counted workload of this worker is done. @throws TimeoutError */
  finished(name: string, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /** Orderly, then by force; all of them at once when no name is given. */
  stop(name?: string): Promise<void>;
  findings(): readonly (WorkerFinding & { readonly worker: string })[];
}

/** Runs a topology: each worker in a process of its own, started anew when it dies, until it is stopped. */
export async function startPipeline(specs: readonly WorkerSpec[], options: PipelineOptions): Promise<Pipeline> {
  const keepers = new Map<string, Keeper>();
  for (const spec of specs) {
    if (keepers.has(spec.name)) throw new Error(`two workers are called ${spec.name}`);
    keepers.set(spec.name, startKeeper(spec, options, systemClock));
  }
  const keeper = (name: string): Keeper => {
    const found = keepers.get(name);
    if (found === undefined)
      throw new Error(`no worker is called ${name}; there are ${[...keepers.keys()].join(', ')}`);
    return found;
  };
  return {
    async ready(timeoutMs, signal) {
      const waiting = () => [...keepers].filter(([, { wasReady }]) => !wasReady()).map(([name]) => name);
      await waitFor('workers', () => waiting().length === 0, { timeoutMs, ...(signal ? { signal } : {}) }).catch(
        (error) => {
          if (waiting().length === 0 || signal?.aborted) throw error;
          throw new EngineError('machine', `workers that did not become ready: ${waiting().join(', ')}`, {
            why: `waited ${timeoutMs / 1000} s`,
            tryThis: waiting().map((name) => `read ${options.logDir}/${name}.log`),
          });
        },
      );
    },
    counters: (name) => keeper(name).counters(),
    incarnations: (name) => keeper(name).incarnations(),
    pidOf: (name) => keeper(name).pid(),
    async finished(name, timeoutMs, signal) {
      const { hasFinished } = keeper(name);
      await waitFor(`${name} to finish`, hasFinished, { timeoutMs, ...(signal ? { signal } : {}) });
    },
    async stop(name) {
      await Promise.all(name === undefined ? [...keepers.values()].map(({ stop }) => stop()) : [keeper(name).stop()]);
    },
    findings: () =>
      [...keepers].flatMap(([worker, { findings }]) => findings().map((finding) => ({ ...finding, worker }))),
  };
}

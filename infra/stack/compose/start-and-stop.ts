import { systemClock, waitFor } from '../../clock.ts';
import { EngineError, TimeoutError } from '../../errors.ts';
import { type FormOptions, formCluster } from '../../redis/cluster/form-cluster.ts';
import { clusterIsWhole, nodeAnswers } from '../answers.ts';
import { labEndpoints } from '../endpoints.ts';
import { clusterPlaces } from '../native/nodes/redis-cluster-nodes.ts';
import type { Ports } from '../ports.ts';
import { type CoreNode, nodeNames, type OnStackEvent } from '../stack.ts';
import { containersOf } from './container-status.ts';
import type { Compose } from './docker.ts';
import { stateOf } from './ps-output.ts';

export interface Engines {
  /** Whether a node answers its own protocol; a rejection means: not yet. */
  answers(node: CoreNode): Promise<boolean>;
  /** Whether the three brokers know each other. */
  whole(): Promise<boolean>;
  /** Makes the servers of the Redis Cluster, all of which run, one that is whole. @throws as formCluster does. */
  joinCluster(options: Pick<FormOptions, 'signal' | 'onReset'>): Promise<void>;
}

export function publishedEngines(ports: Ports, portOffset: number): Engines {
  const places = { ports, endpoints: labEndpoints(portOffset) };
  return {
    answers: (node) => nodeAnswers(node, places),
    whole: () => clusterIsWhole(ports),
    joinCluster: (options) => formCluster(clusterPlaces(ports), options),
  };
}

/** Images are pulled at the first start. */
export const upTimeoutMs = 30 * 60_000;
/** Longer than the longest grace period of docker-compose.yml, for all containers one behind the other. */
const downTimeoutMs = 5 * 60_000;
const callTimeoutMs = 60_000;
const readyTimeoutMs = 90_000;

/** Alone, as it is: whom it depends on may be dead on purpose, and changed settings are `up`'s business. */
export const upOne: readonly string[] = ['up', '--detach', '--no-deps', '--no-recreate'];

interface Starting {
  readonly compose: Compose;
  readonly engines: Engines;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
}

/** The very command of an operator: it returns when topics, tables and schema are made. */
export async function startAll({ compose, engines, onEvent, signal }: Starting): Promise<void> {
  const before = await containersOf(compose);
  const missing = nodeNames.filter((node) => stateOf(before.get(node)) !== 'running');
  for (const node of missing) onEvent({ kind: 'node', node, phase: 'starting', note: '' });
  // Docker starts no container that is frozen.
  const paused = missing.filter((node) => stateOf(before.get(node)) === 'paused');
  if (paused.length > 0) await compose.call(['unpause', ...paused], { timeoutMs: callTimeoutMs, signal });
  await withProgress(onEvent, () =>
    compose.call(['up', '--detach'], { timeoutMs: upTimeoutMs, signal, plain: true, outlives: true }),
  );
  const startMs = systemClock.monotonic();
  await Promise.all(
    nodeNames.map(async (node) => {
      await untilServing(node, engines, signal);
      const waited = `${((systemClock.monotonic() - startMs) / 1000).toFixed(1)} s`;
      onEvent({ kind: 'node', node, phase: 'ready', note: missing.includes(node) ? waited : '' });
    }),
  );
  const whole = (): Promise<boolean> => engines.whole().catch(() => false);
  await waitFor('three brokers that know each other', whole, { timeoutMs: 30_000, signal });
}

/** A first start pulls images, for minutes and without a word of its own. */
async function withProgress(onEvent: OnStackEvent, work: () => Promise<unknown>): Promise<void> {
  const engine = 'docker compose up';
  const startMs = systemClock.monotonic();
  const seconds = (): string => `${((systemClock.monotonic() - startMs) / 1000).toFixed(0)} s`;
  onEvent({ kind: 'fetch', engine, phase: 'start', note: '' });
  const stop = systemClock.every(1_000, () => onEvent({ kind: 'fetch', engine, phase: 'progress', note: seconds() }));
  try {
    await work();
  } finally {
    stop();
  }
  onEvent({ kind: 'fetch', engine, phase: 'done', note: seconds() });
}

export async function stopAll(
  compose: Compose,
  { wipe }: { readonly wipe: boolean },
  onEvent: OnStackEvent,
): Promise<void> {
  const before = await containersOf(compose);
  const running = nodeNames.filter((node) => ['running', 'paused'].includes(stateOf(before.get(node)))).reverse();
  for (const node of running) onEvent({ kind: 'node', node, phase: 'stopping', note: '' });
  await compose.call(['down', '--remove-orphans', ...(wipe ? ['--volumes'] : [])], {
    timeoutMs: downTimeoutMs,
    outlives: true,
  });
  for (const node of running) onEvent({ kind: 'node', node, phase: 'stopped', note: '' });
}

export async function untilServing(node: CoreNode, engines: Engines, signal: AbortSignal): Promise<void> {
  const check = (): Promise<boolean> => engines.answers(node).catch(() => false);
  try {
    await waitFor(`${node} to answer`, check, { timeoutMs: readyTimeoutMs, intervalMs: 200, signal });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const seconds = readyTimeoutMs / 1000;
    throw new EngineError(
      'machine',
      {
        ko: `${node} 컨테이너가 ${seconds}초 동안 응답하지 않습니다`,
        en: `the container of ${node} gives no answer for ${seconds} s`,
      },
      { cause: error, tryThis: [`labctl logs ${node}`, 'docker compose ps --all'] },
    );
  }
}

import { join } from 'node:path';
import { systemClock, waitFor } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { EngineError, RefusedError, TimeoutError } from '../../errors.ts';
import { clusterIsWhole, nodeAnswers } from '../answers.ts';
import { labEndpoints } from '../endpoints.ts';
import { holdingStack } from '../holding-stack.ts';
import type { OnDemandEngine } from '../on-demand.ts';
import { type Ports, portsFor } from '../ports.ts';
import { type CoreNode, type NodeName, type NodeStatus, nodeNames, type OnStackEvent, type Stack } from '../stack.ts';
import { type Compose, composeFilePath, composeOf, projectName } from './docker.ts';
import {
  clusterMembers,
  isService,
  type MemberVerb,
  memberCommand,
  nativeOnly,
  placeOf,
  serviceOf,
} from './node-place.ts';
import { type Container, parseContainers, parseMemberStates, parseProjects, stateOf, versionOf } from './ps-output.ts';

/** Images are pulled at the first start. */
const upTimeoutMs = 30 * 60_000;
/** Longer than the longest grace period of docker-compose.yml, for all containers one behind the other. */
const downTimeoutMs = 5 * 60_000;
const callTimeoutMs = 60_000;
const readyTimeoutMs = 90_000;
const ensureTimeoutS = 120;

export interface ComposeContext {
  readonly config: Config;
  /** With the PATH on which `docker` is. */
  readonly env: NodeJS.ProcessEnv;
  /** Asks the engines on their published ports; another one only where there is no Docker to publish them. */
  readonly engines?: Engines;
}

interface Engines {
  /** Whether a node answers its own protocol; a rejection means: not yet. */
  answers(node: CoreNode): Promise<boolean>;
  /** Whether the three brokers know each other. */
  whole(): Promise<boolean>;
}

function publishedEngines(ports: Ports, portOffset: number): Engines {
  const places = { ports, endpoints: labEndpoints(portOffset) };
  return { answers: (node) => nodeAnswers(node, places), whole: () => clusterIsWhole(ports) };
}

/**
 * The lab as containers, by docker-compose.yml. Docker is asked for everything, nothing is remembered: who works with
 * `docker compose` beside labctl confuses nobody.
 */
export function createComposeStack({ config, env, engines: given }: ComposeContext): Stack {
  const ports = portsFor(config.portOffset);
  const engines = given ?? publishedEngines(ports, config.portOffset);
  const compose = composeOf(config, env);
  const silent: OnStackEvent = () => {};
  const locked = (work: () => Promise<void>, onEvent: OnStackEvent, signal?: AbortSignal): Promise<void> =>
    holdingStack(join(config.stateDir, 'stack', 'lock.json'), work, { language: config.language, onEvent, signal });
  const member = (verb: MemberVerb, port: number) =>
    compose.call(memberCommand(verb, [port]), { timeoutMs: callTimeoutMs });

  /** One verb for both kinds of node. @throws RefusedError when it does not run. */
  const act = async (node: NodeName, verb: MemberVerb, container: readonly string[]): Promise<void> => {
    const place = placeOf(node, ports);
    const state = await requireRunning(node, compose);
    if (verb === 'pause' && state === 'paused') return;
    if (place.kind === 'member') await member(verb, place.port);
    else await compose.call([...container, place.service], { timeoutMs: callTimeoutMs });
  };

  return {
    driver: 'compose',
    up: (onEvent, signal) =>
      locked(
        async () => {
          await requireOwnProject(config, compose);
          await startAll({ compose, engines, onEvent, signal });
        },
        onEvent,
        signal,
      ),
    down: (options, onEvent) =>
      locked(async () => {
        await requireOwnProject(config, compose);
        await stopAll(compose, options, onEvent);
      }, onEvent),
    async status() {
      const containers = await containersOf(compose);
      const core = nodeNames.map((node) => statusOf(node, ports[node], containers.get(node)));
      return [...core, ...(await startedOnDemand(containers, { compose, ports }))];
    },
    kill: (node) => act(node, 'kill', ['kill', '--signal', 'SIGKILL']),
    // The freezer and not `kill -s STOP`: it stops every process of the container as SIGSTOP stops one, sockets stay
    // open too, and `docker compose ps` shows it.
    pause: (node) => act(node, 'pause', ['pause']),
    async resume(node) {
      const place = placeOf(node, ports);
      if (place.kind === 'member') return void (await member('resume', place.port));
      if (stateOf((await containersOf(compose)).get(place.service)) !== 'paused') return;
      await compose.call(['unpause', place.service], { timeoutMs: callTimeoutMs });
    },
    stop: (node) =>
      locked(async () => {
        const place = placeOf(node, ports);
        if (place.kind === 'member') await member('stop', place.port);
        else await compose.call(['stop', place.service], { timeoutMs: callTimeoutMs });
      }, silent),
    start: (node, signal) =>
      locked(
        async () => {
          const place = placeOf(node, ports);
          if (place.kind === 'member') return void (await member('start', place.port));
          await compose.call([...upOne, place.service], { timeoutMs: upTimeoutMs, signal });
          if (isCore(node)) await untilServing(node, engines, signal);
        },
        silent,
        signal,
      ),
    ensure: (engine, onEvent, signal) => locked(() => ensureService(engine, config, compose, signal), onEvent, signal),
    endpoint: (node) => ({ host: '127.0.0.1', port: ports[node] }),
    logs: (node, { lines, follow, signal }) =>
      compose.lines(
        [
          ...['logs', '--no-color', '--no-log-prefix', '--tail', String(lines)],
          ...(follow ? ['--follow'] : []),
          serviceOf(node),
        ],
        signal,
      ),
  };
}

/** Alone, as it is: whom it depends on may be dead on purpose, and changed settings are `up`'s business. */
const upOne: readonly string[] = ['up', '--detach', '--no-deps', '--no-recreate'];

async function ensureService(
  service: OnDemandEngine,
  config: Config,
  compose: Compose,
  signal: AbortSignal,
): Promise<void> {
  if (!isService(service)) throw nativeOnly(service);
  await requireOwnProject(config, compose);
  const untilHealthy = ['--wait', '--wait-timeout', String(ensureTimeoutS)];
  await compose.call([...upOne, ...untilHealthy, service], { timeoutMs: upTimeoutMs, signal });
}

interface Starting {
  readonly compose: Compose;
  readonly engines: Engines;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
}

/** The very command of an operator: it returns when topics, tables and schema are made. */
async function startAll({ compose, engines, onEvent, signal }: Starting): Promise<void> {
  const before = await containersOf(compose);
  const missing = nodeNames.filter((node) => stateOf(before.get(node)) !== 'running');
  for (const node of missing) onEvent({ kind: 'node', node, phase: 'starting', note: '' });
  // Docker starts no container that is frozen.
  const paused = missing.filter((node) => stateOf(before.get(node)) === 'paused');
  if (paused.length > 0) await compose.call(['unpause', ...paused], { timeoutMs: callTimeoutMs, signal });
  await withProgress(onEvent, () => compose.call(['up', '--detach'], { timeoutMs: upTimeoutMs, signal, plain: true }));
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

async function stopAll(compose: Compose, { wipe }: { readonly wipe: boolean }, onEvent: OnStackEvent): Promise<void> {
  const before = await containersOf(compose);
  const running = nodeNames.filter((node) => ['running', 'paused'].includes(stateOf(before.get(node)))).reverse();
  for (const node of running) onEvent({ kind: 'node', node, phase: 'stopping', note: '' });
  await compose.call(['down', '--remove-orphans', ...(wipe ? ['--volumes'] : [])], { timeoutMs: downTimeoutMs });
  for (const node of running) onEvent({ kind: 'node', node, phase: 'stopped', note: '' });
}

async function untilServing(node: CoreNode, engines: Engines, signal: AbortSignal): Promise<void> {
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

async function containersOf(compose: Compose): Promise<ReadonlyMap<string, Container>> {
  const output = await compose.call(['ps', '--all', '--format', 'json'], { timeoutMs: callTimeoutMs });
  return new Map(parseContainers(output).map((container) => [container.Service, container]));
}

function statusOf(node: NodeName, port: number, container: Container | undefined): NodeStatus {
  const version = container === undefined ? undefined : versionOf(container);
  return { node, port, state: stateOf(container), ...(version === undefined ? {} : { version }) };
}

function isCore(node: NodeName): node is CoreNode {
  return nodeNames.some((core) => core === node);
}

/** On-demand engines whose container exists; of the cluster's container every server by itself. */
async function startedOnDemand(
  containers: ReadonlyMap<string, Container>,
  { compose, ports }: { readonly compose: Compose; readonly ports: Ports },
): Promise<readonly NodeStatus[]> {
  const prometheus = containers.get('prometheus');
  const cluster = containers.get('redis-cluster');
  return [
    ...(cluster === undefined ? [] : await memberStatuses(cluster, { compose, ports })),
    ...(prometheus === undefined ? [] : [statusOf('prometheus', ports.prometheus, prometheus)]),
  ];
}

async function memberStatuses(
  container: Container,
  { compose, ports }: { readonly compose: Compose; readonly ports: Ports },
): Promise<readonly NodeStatus[]> {
  const whole = clusterMembers.map((node) => statusOf(node, ports[node], container));
  if (stateOf(container) !== 'running') return whole;
  const asked = memberCommand(
    'state',
    clusterMembers.map((node) => ports[node]),
  );
  const states = parseMemberStates(await compose.call(asked, { timeoutMs: callTimeoutMs }));
  return whole.map((status, index) => ({ ...status, state: states[index] ?? status.state }));
}

async function requireRunning(node: NodeName, compose: Compose): Promise<NodeStatus['state']> {
  const state = stateOf((await containersOf(compose)).get(serviceOf(node)));
  if (state === 'running' || state === 'paused') return state;
  throw new RefusedError(
    { ko: `${node}은(는) 실행 중이 아닙니다`, en: `${node} does not run` },
    { tryThis: ['labctl status', 'labctl up'] },
  );
}

/** Docker knows projects by name alone: another clone's containers and data would be taken for ours. */
async function requireOwnProject({ portOffset }: Config, compose: Compose): Promise<void> {
  const name = projectName(portOffset);
  const projects = parseProjects(await compose.call(['ls', '--all', '--format', 'json'], { timeoutMs: callTimeoutMs }));
  const files = projects.find((project) => project.Name === name)?.ConfigFiles;
  if (files === undefined || files === '' || files.split(',').includes(composeFilePath)) return;
  throw new RefusedError(
    { ko: `"${name}" 프로젝트는 다른 사본의 것입니다`, en: `the project "${name}" belongs to another clone` },
    {
      why: files,
      tryThis: [
        { ko: '그 사본에서 labctl down', en: 'labctl down, in that clone' },
        {
          ko: '이 사본은 다른 포트로: LABCTL_PORT_OFFSET=500 labctl up',
          en: 'this clone on other ports: LABCTL_PORT_OFFSET=500 labctl up',
        },
      ],
    },
  );
}

import { join } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { holdingStack } from '../holding-stack.ts';
import { portsFor } from '../ports.ts';
import { type CoreNode, type NodeName, nodeNames, type OnStackEvent, type Stack } from '../stack.ts';
import { containerLogs } from './container-logs.ts';
import { containersOf, requireRunning, statusesOf } from './container-status.ts';
import { composeOf } from './docker.ts';
import { untilDockerRests } from './docker-at-work.ts';
import { ensureService } from './ensure-service.ts';
import { type MemberVerb, memberCommand, placeOf, serviceOf } from './node-place.ts';
import { requireOwnProject } from './own-project.ts';
import { stateOf } from './ps-output.ts';
import { recentAnswer } from './recent-answer.ts';
import {
  type Engines,
  publishedEngines,
  startAll,
  stopAll,
  untilServing,
  upOne,
  upTimeoutMs,
} from './start-and-stop.ts';

const callTimeoutMs = 60_000;
/** A console asks each second, and each answer is a process of Docker's. */
const statusFreshMs = 2_000;

export interface ComposeContext {
  readonly config: Config;
  /** With the PATH on which `docker` is. */
  readonly env: NodeJS.ProcessEnv;
  /** Asks the engines on their published ports; another one only where there is no Docker to publish them. */
  readonly engines?: Engines;
}

/**
 * The lab as containers, by docker-compose.yml. Docker is asked for everything, and remembered for two seconds at most:
 * who works with `docker compose` beside labctl confuses nobody.
 */
export function createComposeStack({ config, env, engines: given }: ComposeContext): Stack {
  const ports = portsFor(config.portOffset);
  const engines = given ?? publishedEngines(ports, config.portOffset);
  const compose = composeOf(config, env);
  const { language } = config;
  const silent: OnStackEvent = () => {};
  const statuses = recentAnswer(() => statusesOf(compose, ports), { freshMs: statusFreshMs, clock: systemClock });
  /** Whatever changes something: only in a project of this clone, and what was known before no longer holds. */
  const own = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await requireOwnProject(config, compose);
      await work();
    } finally {
      statuses.forget();
    }
  };
  const locked = (work: () => Promise<unknown>, onEvent: OnStackEvent, signal?: AbortSignal): Promise<void> =>
    holdingStack(
      join(config.stateDir, 'stack', 'lock.json'),
      async () => {
        await untilDockerRests(config, onEvent, signal);
        await own(work);
      },
      { language, onEvent, signal },
    );
  const member = (verb: MemberVerb, port: number) =>
    compose.call(memberCommand(verb, [port]), { timeoutMs: callTimeoutMs });

  /** One verb for both kinds of node. @throws RefusedError when it does not run. */
  const act = (node: NodeName, verb: MemberVerb, container: readonly string[]): Promise<void> =>
    own(async () => {
      const place = placeOf(node, ports);
      const state = await requireRunning(node, compose, ports);
      if (verb === 'pause' && state === 'paused') return;
      if (place.kind === 'member') await member(verb, place.port);
      else await compose.call([...container, place.service], { timeoutMs: callTimeoutMs });
    });

  const stopNode = async (node: NodeName): Promise<void> => {
    const place = placeOf(node, ports);
    if (place.kind === 'member') await member('stop', place.port);
    else await compose.call(['stop', place.service], { timeoutMs: callTimeoutMs, outlives: true });
  };

  return {
    driver: 'compose',
    up: (onEvent, signal) => locked(() => startAll({ compose, engines, onEvent, signal }), onEvent, signal),
    down: (options, onEvent) => locked(() => stopAll(compose, options, onEvent), onEvent),
    status: () => statuses.get(),
    kill: (node) => act(node, 'kill', ['kill', '--signal', 'SIGKILL']),
    // The freezer and not `kill -s STOP`: it stops every process of the container as SIGSTOP stops one, sockets stay
    // open too, and `docker compose ps` shows it.
    pause: (node) => act(node, 'pause', ['pause']),
    resume: (node) =>
      own(async () => {
        const place = placeOf(node, ports);
        const state = stateOf((await containersOf(compose)).get(serviceOf(node)));
        // Whoever froze the cluster's container froze all six.
        if (state === 'paused') await compose.call(['unpause', serviceOf(node)], { timeoutMs: callTimeoutMs });
        if (place.kind === 'member' && (state === 'running' || state === 'paused')) await member('resume', place.port);
      }),
    stop: (node, signal) => locked(() => stopNode(node), silent, signal),
    start: (node, signal) =>
      locked(
        async () => {
          const place = placeOf(node, ports);
          if (place.kind === 'member') return void (await member('start', place.port));
          await compose.call([...upOne, place.service], { timeoutMs: upTimeoutMs, signal, outlives: true });
          if (isCore(node)) await untilServing(node, engines, signal);
        },
        silent,
        signal,
      ),
    ensure: (engine, onEvent, signal) =>
      locked(() => ensureService(engine, { compose, engines, ports, language, onEvent, signal }), onEvent, signal),
    endpoint: (node) => ({ host: '127.0.0.1', port: ports[node] }),
    async *logs(node, options) {
      placeOf(node, ports); // refuses what no container runs
      yield* containerLogs(serviceOf(node), compose, options);
    },
  };
}

function isCore(node: NodeName): node is CoreNode {
  return nodeNames.some((core) => core === node);
}

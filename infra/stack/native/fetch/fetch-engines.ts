import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../clock.ts';
import type { Config } from '../../../config.ts';
import { say } from '../../../text.ts';
import type { OnStackEvent } from '../../stack.ts';
import type { FetchedEngine } from '../machine.ts';
import { inParallel } from '../parallel.ts';
import { lockProcess } from '../process-lock.ts';
import { type EngineKey, folderBytes, installEngine, readFetched } from './engine-cache.ts';
import {
  cachedJava,
  complete,
  type Engines,
  engineKeys,
  type FoundEngines,
  findEngines,
  type JavaEngine,
  missingOf,
} from './engines.ts';
import { hostMaven, type Maven, runGoal, trusting, unpackedMaven } from './maven.ts';
import { type PrivateApt, privateApt } from './private-apt.ts';

export interface FetchContext {
  readonly config: Config;
  readonly env: NodeJS.ProcessEnv;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

const lockTimeoutMs = 20 * 60_000;

/**
 * Fetches what is missing and returns where everything is. Two callers at once: the second waits for the first.
 * @throws EngineError when something cannot be had; InterruptedError. What was complete by then stays.
 */
export async function fetchEngines(context: FetchContext): Promise<Engines> {
  const { config, env, onEvent, signal } = context;
  mkdirSync(config.cacheDir, { recursive: true });
  const lock = await lockProcess({
    file: join(config.cacheDir, 'fetch.lock'),
    timeoutMs: lockTimeoutMs,
    signal,
    onWait: ({ pid }) => onEvent({ kind: 'note', note: say(waitingText(pid), config.language) }),
  });
  try {
    const found = await findEngines(config, env, signal);
    if (missingOf(found).length > 0) await fetchMissing(found, context);
    const engines = complete(await findEngines(config, env, signal));
    if (engines === undefined) throw new Error('engines are missing after they were all fetched');
    return engines;
  } finally {
    lock.release();
  }
}

const waitingText = (pid: number) => ({
  ko: `다른 labctl(pid ${pid})이 엔진을 가져오고 있어 기다립니다`,
  en: `another labctl (pid ${pid}) is fetching the engines; waiting for it`,
});

/** Two lanes side by side: Java, Maven and the jars they bring; the packages that need neither. */
async function fetchMissing(found: FoundEngines, context: FetchContext): Promise<void> {
  const work = join(context.config.cacheDir, '.work');
  mkdirSync(work, { recursive: true });
  const apt = once(() => privateApt(join(work, 'apt'), context.signal));
  await inParallel(context.signal, [
    (signal) => fetchJars(found, { ...context, signal, work, apt }),
    (signal) => fetchServers(found, { ...context, signal, work, apt }),
  ]);
  rmSync(work, { recursive: true, force: true });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

interface Lane extends FetchContext {
  /** Lists and repositories, kept until all is fetched so that a second try downloads less. */
  readonly work: string;
  readonly apt: () => Promise<PrivateApt>;
}

async function fetchServers(found: FoundEngines, lane: Lane): Promise<void> {
  if (found.redis === undefined) await fetchPackages(engineKeys.redis, [/^redis-server$/, /^redis-tools$/], lane);
  // Ubuntu puts the version into the name: mysql-server-core-8.0.
  const mysql = [/^mysql-server-core(-[0-9.]+)?$/, /^mysql-client-core(-[0-9.]+)?$/];
  if (found.mysql === undefined) await fetchPackages(engineKeys.mysql, mysql, lane);
}

async function fetchJars(found: FoundEngines, lane: Lane): Promise<void> {
  const java = found.java ?? (await fetchJava(lane));
  if (found.kafka !== undefined && found.registry !== undefined) return;
  const maven = await someMaven(java, lane);
  const repository = join(lane.work, 'maven-repository');
  const jars = (key: EngineKey, goal: 'dependency:copy-dependencies' | 'dependency:unpack', below: string) =>
    install(key, repository, lane, async (folder) => {
      await runGoal(maven, { engine: key.engine, goal, folder: join(folder, below), repository, signal: lane.signal });
      return key.pinnedVersion ?? '?';
    });
  if (found.kafka === undefined) await jars(engineKeys.kafka, 'dependency:copy-dependencies', 'lib');
  if (found.registry === undefined) await jars(engineKeys.registry, 'dependency:unpack', '.');
}

async function fetchJava(lane: Lane): Promise<JavaEngine> {
  await fetchPackages(engineKeys.java, [/^openjdk-21-jre-headless$/], lane);
  const java = cachedJava(lane.config.cacheDir);
  if (java === undefined) throw new Error('the private Java is not in the cache after it was fetched');
  return java;
}

async function someMaven(java: JavaEngine, lane: Lane): Promise<Maven> {
  const store = join(lane.work, 'trust-store.jks');
  const host = await hostMaven(lane.env, java.home, lane.signal);
  if (host !== undefined) return host.env.JAVA_HOME === java.home && java.isPrivate ? trusting(host, store) : host;
  const { folder } =
    readFetched(lane.config.cacheDir, engineKeys.maven) ?? (await fetchPackages(engineKeys.maven, [/^maven$/], lane));
  const maven = unpackedMaven(folder, java.home, lane.env);
  return java.isPrivate ? trusting(maven, store) : maven;
}

async function fetchPackages(key: EngineKey, patterns: readonly RegExp[], lane: Lane): Promise<FetchedEngine> {
  const packages = join(lane.work, `${key.engine}-packages`);
  // What an interrupted run left could be of another version, and all that lies here gets unpacked.
  rmSync(packages, { recursive: true, force: true });
  return install(key, packages, lane, async (folder) => {
    const apt = await lane.apt();
    const chosen = await apt.choose(patterns);
    await apt.download(chosen, packages);
    await apt.unpack(packages, folder);
    return chosen.packages[0]?.version ?? '?';
  });
}

/** Installs an engine and tells how it goes, by the growth of the folder that its download fills. */
async function install(
  key: EngineKey,
  downloads: string,
  { config, onEvent, clock = systemClock }: Lane,
  fill: (folder: string) => Promise<string>,
): Promise<FetchedEngine> {
  const { engine } = key;
  const startMs = clock.monotonic();
  const startBytes = folderBytes(downloads);
  const progress = (): string => {
    const megabytes = (folderBytes(downloads) - startBytes) / 1e6;
    return `${megabytes.toFixed(0)} MB, ${((clock.monotonic() - startMs) / 1000).toFixed(0)} s`;
  };
  onEvent({ kind: 'fetch', engine, phase: 'start', note: '' });
  const stop = clock.every(1_000, () => onEvent({ kind: 'fetch', engine, phase: 'progress', note: progress() }));
  try {
    const fetched = await installEngine({ cacheDir: config.cacheDir, key, nowMs: clock.now() }, fill);
    onEvent({ kind: 'fetch', engine, phase: 'done', note: `${fetched.version}, ${progress()}` });
    return fetched;
  } finally {
    stop();
  }
}

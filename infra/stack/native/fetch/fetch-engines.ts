import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, systemClock } from '../../../clock.ts';
import type { Config } from '../../../config.ts';
import { say, type Text } from '../../../text.ts';
import type { OnStackEvent } from '../../stack.ts';
import type { FetchedEngine } from '../machine.ts';
import { inParallel } from '../parallel.ts';
import { lockProcess } from '../process-lock.ts';
import { upstreamVersion } from './apt-sources.ts';
import { type EngineKey, type Filled, folderBytes, installEngine, readFetched } from './engine-cache.ts';
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
import { hostMaven, type Maven, type MavenGoal, runGoal, trusting, unpackedMaven } from './maven.ts';
import { keepWholeArtefacts } from './maven-repository.ts';
import { type PrivateApt, privateApt, type WantedPackages } from './private-apt.ts';
import { closeWorkDir, openWorkDir, type WorkDir } from './work-dir.ts';

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
  const { config, env, signal } = context;
  return locked(context, async () => {
    const found = await findEngines(config, env, signal);
    await withLane(context, (lane) =>
      inParallel(signal, [
        // Two lanes side by side: Java, Maven and the jars they bring; the packages that need neither.
        (stop) => fetchJars(found, { ...lane, signal: stop }),
        (stop) => fetchServers(found, { ...lane, signal: stop }),
      ]),
    );
    const engines = complete(await findEngines(config, env, signal));
    if (engines === undefined) throw new Error('engines are missing after they were all fetched');
    return engines;
  });
}

/** Fetches one engine of the distribution's packages unless it is there. @throws as `fetchEngines` does. */
export async function fetchPackaged(name: PackagedEngine, context: FetchContext): Promise<FetchedEngine> {
  const find = () => readFetched(context.config.cacheDir, engineKeys[name]);
  return (
    find() ??
    (await locked(context, async () => find() ?? (await withLane(context, (lane) => fetchPackages(name, lane)))))
  );
}

/** Kafka's own tools (43 MB of jars below `lib`), which only an operator's shell uses. */
export async function fetchKafkaTools(context: FetchContext): Promise<FetchedEngine> {
  const { config, env, signal } = context;
  return locked(context, async () => {
    const known = readFetched(config.cacheDir, engineKeys.kafkaTools);
    if (known !== undefined) return known;
    const found = await findEngines(config, env, signal);
    const fetchTools = async (lane: Lane) =>
      fetchLibrary(engineKeys.kafkaTools, found.java ?? (await fetchJava(lane)), lane);
    // What a broken `up` downloaded is still wanted by the next one.
    return withLane(context, fetchTools, { keepAfterwards: missingOf(found).length > 0 });
  });
}

async function locked<T>({ config, onEvent, signal }: FetchContext, work: () => Promise<T>): Promise<T> {
  mkdirSync(config.cacheDir, { recursive: true });
  const lock = await lockProcess({
    file: join(config.cacheDir, 'fetch.lock'),
    timeoutMs: lockTimeoutMs,
    signal,
    onWait: ({ pid }) => onEvent({ kind: 'note', note: say(waitingText(pid), config.language) }),
  });
  try {
    return await work();
  } finally {
    lock.release();
  }
}

const waitingText = (pid: number) => ({
  ko: `다른 labctl(pid ${pid})이 엔진을 가져오고 있어 기다립니다`,
  en: `another labctl (pid ${pid}) is fetching the engines; waiting for it`,
});

/** Runs the work in a folder for it. What a failed one downloaded is kept, and told. */
async function withLane<T>(
  context: FetchContext,
  work: (lane: Lane) => Promise<T>,
  { keepAfterwards } = { keepAfterwards: false },
): Promise<T> {
  const { config, env, onEvent, signal } = context;
  const tell = (text: Text): void => onEvent({ kind: 'note', note: say(text, config.language) });
  const workDir = await openWorkDir(config.cacheDir);
  const { downloads, mark } = workDir;
  const had = downloadedBytes(workDir);
  if (had > worthTelling) tell(goesOnText(megabytes(had)));
  const repository = join(downloads, 'maven-repository');
  keepWholeArtefacts(repository);
  const instead = () => installInstead(context);
  const apt = once(() =>
    privateApt({ folder: join(downloads, listsFolder), env: { ...env, ...mark }, signal, instead }),
  );
  let done = false;
  try {
    const result = await work({ ...context, workDir, repository, apt });
    done = true;
    return result;
  } finally {
    const has = downloadedBytes(workDir);
    await closeWorkDir(config.cacheDir, workDir, { keep: (keepAfterwards || !done) && folderBytes(downloads) > 0 });
    if (!done && has > worthTelling) tell(keptText(megabytes(has)));
  }
}

/** Everything that only packages could bring, so that nobody is sent to install one thing after the other. */
async function installInstead({ config, env, signal }: FetchContext): Promise<readonly Text[]> {
  const found = await findEngines(config, env, signal);
  const needsMaven = found.kafka === undefined || found.registry === undefined;
  const maven = needsMaven ? await hostMaven(env, found.java?.home, signal) : undefined;
  const same = (name: string): Text => ({ ko: name, en: name });
  return [
    ...(found.java === undefined ? [{ ko: 'Java 21 이상', en: 'Java 21 or newer' }] : []),
    ...(needsMaven && maven === undefined ? [same('Maven')] : []),
    ...(found.mysql === undefined
      ? [{ ko: 'MySQL 8.4 이상(mysqld, mysql)', en: 'MySQL 8.4 or newer (mysqld, mysql)' }]
      : []),
    ...(found.redis === undefined
      ? [{ ko: 'Redis 7.0 이상(redis-server, redis-cli)', en: 'Redis 7.0 or newer (redis-server, redis-cli)' }]
      : []),
  ];
}

const worthTelling = 1e6;
const listsFolder = 'apt';

/** Packages and jars; apt's lists are fetched anew when they changed, and what it computes from them is no download. */
function downloadedBytes({ downloads }: WorkDir): number {
  const names = readdirSync(downloads).filter((name) => name !== listsFolder);
  return names.reduce((sum, name) => sum + folderBytes(join(downloads, name)), 0);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

const goesOnText = (size: string): Text => ({
  ko: `앞서 끝나지 않은 내려받기를 이어서 합니다: ${size}는 이미 있습니다`,
  en: `going on with a fetch that did not finish: ${size} are here already`,
});

const keptText = (size: string): Text => ({
  ko: `내려받은 ${size}는 남겨 둡니다: 다음 labctl up이 이어서 받습니다`,
  en: `the ${size} downloaded so far are kept: the next labctl up goes on from there`,
});

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

interface Lane extends FetchContext {
  readonly workDir: WorkDir;
  /** Maven's: a local one of our own. */
  readonly repository: string;
  readonly apt: () => Promise<PrivateApt>;
}

const packagesOf = {
  redis: { main: /^redis-server$/, others: [/^redis-tools$/] },
  // Ubuntu puts the version into the name: mysql-server-core-8.0.
  mysql: { main: /^mysql-server-core(-[0-9.]+)?$/, others: [/^mysql-client-core(-[0-9.]+)?$/] },
  java: { main: /^openjdk-21-jre-headless$/, others: [] },
  maven: { main: /^maven$/, others: [] },
  prometheus: { main: /^prometheus$/, others: [] },
} as const satisfies Readonly<Record<string, WantedPackages>>;
export type PackagedEngine = keyof typeof packagesOf;

async function fetchServers(found: FoundEngines, lane: Lane): Promise<void> {
  if (found.redis === undefined) await fetchPackages('redis', lane);
  if (found.mysql === undefined) await fetchPackages('mysql', lane);
}

async function fetchJars(found: FoundEngines, lane: Lane): Promise<void> {
  const java = found.java ?? (await fetchJava(lane));
  if (found.kafka === undefined) await fetchLibrary(engineKeys.kafka, java, lane);
  if (found.registry === undefined) await fetchArchive(engineKeys.registry, java, lane);
}

/** The jars of a pom and all they depend on, in `lib`. */
function fetchLibrary(key: PinnedKey, java: JavaEngine, lane: Lane): Promise<FetchedEngine> {
  return fetchByMaven(key, { goal: 'dependency:copy-dependencies', below: 'lib' }, java, lane);
}

/** The archive that a pom names, unpacked. */
function fetchArchive(key: PinnedKey, java: JavaEngine, lane: Lane): Promise<FetchedEngine> {
  return fetchByMaven(key, { goal: 'dependency:unpack', below: '.' }, java, lane);
}

type PinnedKey = Required<EngineKey>;

async function fetchByMaven(
  key: PinnedKey,
  { goal, below }: { readonly goal: MavenGoal; readonly below: string },
  java: JavaEngine,
  lane: Lane,
): Promise<FetchedEngine> {
  const maven = await someMaven(java, lane);
  const { engine, pinnedVersion: version } = key;
  const { repository, signal } = lane;
  const { mark } = lane.workDir;
  return install(key, repository, lane, async (folder) => {
    await runGoal(maven, { engine, goal, folder: join(folder, below), repository, mark, signal });
    return { version, source: `${engine}.xml ${version}` };
  });
}

async function fetchJava(lane: Lane): Promise<JavaEngine> {
  await fetchPackages('java', lane);
  const java = cachedJava(lane.config.cacheDir);
  if (java === undefined) throw new Error('the private Java is not in the cache after it was fetched');
  return java;
}

async function someMaven(java: JavaEngine, lane: Lane): Promise<Maven> {
  const store = join(lane.workDir.folder, 'trust-store.jks');
  const host = await hostMaven(lane.env, java.home, lane.signal);
  if (host !== undefined) return host.env.JAVA_HOME === java.home && java.isPrivate ? trusting(host, store) : host;
  const { folder } = readFetched(lane.config.cacheDir, engineKeys.maven) ?? (await fetchPackages('maven', lane));
  const maven = unpackedMaven(folder, java.home, lane.env);
  return java.isPrivate ? trusting(maven, store) : maven;
}

async function fetchPackages(name: PackagedEngine, lane: Lane): Promise<FetchedEngine> {
  const key = engineKeys[name];
  const packages = join(lane.workDir.downloads, `${key.engine}-packages`);
  return install(key, packages, lane, async (folder, onSize) => {
    const apt = await lane.apt();
    const chosen = await apt.choose(packagesOf[name]);
    await apt.download(chosen, packages, onSize);
    await apt.unpack(packages, folder);
    const { main } = chosen;
    return { version: upstreamVersion(main.version), source: `${main.name} ${main.version}` };
  });
}

/**
 * Installs an engine and tells how it goes, by the growth of the folder that its download fills.
 * @param fill tells `onSize` how many bytes that folder will hold, where it knows.
 */
async function install(
  key: EngineKey,
  downloads: string,
  { config, workDir, onEvent, clock = systemClock }: Lane,
  fill: (folder: string, onSize: (bytes: number) => void) => Promise<Filled>,
): Promise<FetchedEngine> {
  const { engine } = key;
  const startMs = clock.monotonic();
  const startBytes = folderBytes(downloads);
  let size: number | undefined;
  const progress = (): string => {
    const seconds = `${((clock.monotonic() - startMs) / 1000).toFixed(0)} s`;
    const bytes = folderBytes(downloads);
    if (size !== undefined) return `${(bytes / 1e6).toFixed(0)} / ${megabytes(size)}, ${seconds}`;
    return `${megabytes(bytes - startBytes)}, ${seconds}`;
  };
  onEvent({ kind: 'fetch', engine, phase: 'start', note: '' });
  const stop = clock.every(1_000, () => onEvent({ kind: 'fetch', engine, phase: 'progress', note: progress() }));
  try {
    const options = { cacheDir: config.cacheDir, workDir: workDir.folder, key, nowMs: clock.now() };
    const fetched = await installEngine(options, (folder) => fill(folder, (bytes) => (size = bytes)));
    onEvent({ kind: 'fetch', engine, phase: 'done', note: `${fetched.version}, ${progress()}` });
    return fetched;
  } finally {
    stop();
  }
}

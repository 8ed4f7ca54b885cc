import { basename, dirname, join } from 'node:path';
import type { Config } from '../../../config.ts';
import { findMysqlServers, findRedisServers, type HostServer } from '../host-servers.ts';
import { findJava } from '../java.ts';
import type { FetchedEngine } from '../machine.ts';
import { type EngineKey, readFetched } from './engine-cache.ts';
import { pinnedVersion } from './maven.ts';

/** What the nodes are started from. */
export interface Engines {
  readonly java: JavaEngine;
  /** `lib/*.jar` below `folder`. */
  readonly kafka: FetchedEngine;
  /** `quarkus-run.jar` in `folder`. */
  readonly registry: FetchedEngine;
  readonly mysql: ServerEngine;
  readonly redis: ServerEngine;
}

/** A server with its clients, the host's own or out of a private root. */
export interface ServerEngine {
  readonly version: string;
  /** Undefined for the host's. A mysqld of a private root finds nothing beside itself and must be told its places. */
  readonly privateRoot: string | undefined;
  /** The command line that calls one of its programs; more arguments may follow. */
  commandOf(program: string): readonly [command: string, ...args: string[]];
}

export interface JavaEngine {
  readonly command: string;
  readonly home: string;
  readonly version: string;
  /** From the cache: it then trusts no certificate authority by itself. */
  readonly isPrivate: boolean;
}

export const engineKeys = {
  java: { engine: 'java' },
  maven: { engine: 'maven' },
  kafkaTools: { engine: 'kafka-tools', pinnedVersion: pinnedVersion('kafka-tools') },
  kafka: { engine: 'kafka', pinnedVersion: pinnedVersion('kafka') },
  registry: { engine: 'schema-registry', pinnedVersion: pinnedVersion('schema-registry') },
  mysql: { engine: 'mysql' },
  redis: { engine: 'redis' },
  prometheus: { engine: 'prometheus' },
} as const satisfies Record<string, EngineKey>;

export type FoundEngines = { readonly [Name in keyof Engines]: Engines[Name] | undefined };

/** What is here already: the host's where it fits, else the cache's. */
export async function findEngines(
  { cacheDir, hostEngines }: Pick<Config, 'cacheDir' | 'hostEngines'>,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<FoundEngines> {
  const search = { env, allowed: hostEngines, signal };
  const [java, mysql, redis] = await Promise.all([
    hostJava(env, signal),
    hostEngines ? findMysqlServers(search) : [],
    hostEngines ? findRedisServers(search) : [],
  ]);
  return {
    java: java ?? cachedJava(cacheDir),
    kafka: readFetched(cacheDir, engineKeys.kafka),
    registry: readFetched(cacheDir, engineKeys.registry),
    mysql: firstFitting(mysql) ?? cachedServer(cacheDir, engineKeys.mysql),
    redis: firstFitting(redis) ?? cachedServer(cacheDir, engineKeys.redis),
  };
}

function firstFitting(servers: readonly HostServer[]): ServerEngine | undefined {
  const server = servers.find(({ fits }) => fits);
  if (server?.version === undefined) return undefined;
  const { path, version, clients } = server;
  return {
    version,
    privateRoot: undefined,
    commandOf: (program) => [program === basename(path) ? path : join(clients ?? dirname(path), program)],
  };
}

function cachedServer(cacheDir: string, key: EngineKey): ServerEngine | undefined {
  const fetched = readFetched(cacheDir, key);
  return fetched && privateServer(fetched.folder, fetched.version);
}

/** Programs of a private root run by `run/exec NAME`. */
export function privateServer(root: string, version: string): ServerEngine {
  return { version, privateRoot: root, commandOf: (program) => [join(root, 'run', 'exec'), program] };
}

export function missingOf(found: FoundEngines): readonly (keyof Engines)[] {
  return (Object.keys(found) as (keyof Engines)[]).filter((name) => found[name] === undefined);
}

export function complete(found: FoundEngines): Engines | undefined {
  const { java, kafka, registry, mysql, redis } = found;
  if (!java || !kafka || !registry || !mysql || !redis) return undefined;
  return { java, kafka, registry, mysql, redis };
}

async function hostJava(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<JavaEngine | undefined> {
  const fitting = (await findJava(env, signal)).find(({ fits }) => fits);
  if (fitting?.version === undefined) return undefined;
  const { path: command, version } = fitting;
  return { command, version, home: dirname(dirname(command)), isPrivate: false };
}

export function cachedJava(cacheDir: string): JavaEngine | undefined {
  const fetched = readFetched(cacheDir, engineKeys.java);
  if (fetched === undefined) return undefined;
  const home = join(fetched.folder, 'run', 'java-home');
  return { command: join(home, 'bin', 'java'), home, version: fetched.version, isPrivate: true };
}

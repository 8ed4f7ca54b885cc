import { dirname, join } from 'node:path';
import type { Config } from '../../../config.ts';
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
  /** Private roots: programs run by `run/exec NAME`. */
  readonly mysql: FetchedEngine;
  readonly redis: FetchedEngine;
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

/** What is here already, the host's Java or the cache's. */
export async function findEngines(
  { cacheDir }: Config,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<FoundEngines> {
  return {
    java: (await hostJava(env, signal)) ?? cachedJava(cacheDir),
    kafka: readFetched(cacheDir, engineKeys.kafka),
    registry: readFetched(cacheDir, engineKeys.registry),
    mysql: readFetched(cacheDir, engineKeys.mysql),
    redis: readFetched(cacheDir, engineKeys.redis),
  };
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

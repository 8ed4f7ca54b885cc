import { existsSync } from 'node:fs';
import type { Config } from '../../config.ts';
import { type PortName, portsFor, portsOfNode } from '../ports.ts';
import { allNodeNames, nodeNames } from '../stack.ts';
import { readFetched } from './fetch/engine-cache.ts';
import { engineKeys, findEngines, missingOf } from './fetch/engines.ts';
import { hostMaven } from './fetch/maven.ts';
import { readDistribution } from './fetch/private-apt.ts';
import { type FoundProgram, programsOnPath } from './host-programs.ts';
import { findMysqlServers, findRedisServers, type HostServer } from './host-servers.ts';
import { findJava } from './java.ts';
import { layoutOf } from './layout.ts';
import { readRecord } from './node-record.ts';
import { findHolders } from './port-holder.ts';
import { diskRoom, memoryAvailable, memoryNeeded } from './room.ts';

export interface FetchedEngine {
  readonly engine: string;
  /** The engine's own version: 7.0.15. */
  readonly version: string;
  /** Where it is from, exactly: `redis-server 5:7.0.15-1~deb12u10`. */
  readonly source: string;
  readonly folder: string;
  readonly fetchedAt: string;
}

export interface PortFinding {
  readonly name: PortName;
  readonly port: number;
  /** own: held by a node of this very stack. */
  readonly state: 'free' | 'own' | 'taken';
  /** Who holds it: `mysqld (pid 123)`, or `another process` where that cannot be seen. */
  readonly holder?: string;
}

/** Facts about the machine under the stack, for `labctl doctor`. Sizes in bytes. */
export interface MachineFindings {
  readonly platform: string;
  readonly distribution: string | undefined;
  readonly node: { readonly version: string; readonly fits: boolean };
  /** In the order in which they are tried; the first that fits is used. None fits: a private JRE is fetched. */
  readonly java: readonly FoundProgram[];
  readonly maven: FoundProgram | undefined;
  /** As with Java; none fits: a private one is fetched. */
  readonly mysql: readonly FoundProgram[];
  readonly redis: readonly FoundProgram[];
  /** What fetching needs; undefined where it is missing. */
  readonly packageTools: Readonly<Record<'apt-get' | 'dpkg-deb' | 'tar' | 'bash', string | undefined>>;
  readonly disk: readonly { readonly folder: string; readonly freeBytes: number; readonly neededBytes: number }[];
  readonly memory: { readonly availableBytes: number; readonly neededBytes: number } | undefined;
  readonly ports: readonly PortFinding[];
  readonly fetched: readonly FetchedEngine[];
  /** Engines that the next `up` will fetch; those that start on demand are fetched then. */
  readonly missing: readonly string[];
}

const nodeVersionMin = [22, 12] as const;

/** Looks and changes nothing. Takes about a second: Java and Maven are asked for their versions. */
export async function inspectMachine(
  config: Config,
  { env = process.env, signal = AbortSignal.timeout(60_000) }: { env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<MachineFindings> {
  const layout = layoutOf(config.stateDir);
  const search = { env, allowed: config.hostEngines, signal };
  const [java, mysql, redis, engines, distribution] = await Promise.all([
    findJava(env, signal),
    findMysqlServers(search),
    findRedisServers(search),
    findEngines(config, env, signal),
    readDistribution(),
  ]);
  const maven = await hostMaven(env, engines.java?.home, signal);
  const missing = missingOf(engines);
  const needsMaven = missing.includes('kafka') || missing.includes('registry');
  const privateMaven = readFetched(config.cacheDir, engineKeys.maven);
  const available = memoryAvailable();
  const stopped = nodeNames.filter((node) => readRecord(layout, node) === undefined);
  return {
    platform: `${process.platform} ${process.arch}`,
    distribution: distribution?.title,
    node: { version: process.versions.node, fits: nodeFits(process.versions.node) },
    java,
    maven: maven && { path: maven.command, version: maven.version, fits: true },
    mysql: mysql.map(programOf),
    redis: redis.map(programOf),
    packageTools: {
      'apt-get': programsOnPath('apt-get', env)[0],
      'dpkg-deb': programsOnPath('dpkg-deb', env)[0],
      tar: programsOnPath('tar', env)[0],
      bash: programsOnPath('bash', env)[0],
    },
    disk: await diskRoom(config, {
      fetching: missing.length > 0 ? 'all' : 'nothing',
      firstData: !existsSync(layout.dataDir('mysql')),
    }),
    memory: available === undefined ? undefined : { availableBytes: available, neededBytes: memoryNeeded(stopped) },
    ports: await portFindings(config),
    fetched: Object.values(engineKeys).flatMap((key) => readFetched(config.cacheDir, key) ?? []),
    missing: [
      ...missing.map((name) => engineKeys[name].engine),
      ...(needsMaven && maven === undefined && privateMaven === undefined ? ['maven'] : []),
    ],
  };
}

async function portFindings(config: Config): Promise<readonly PortFinding[]> {
  const layout = layoutOf(config.stateDir);
  const ports = portsFor(config.portOffset);
  const holders = await findHolders(Object.values(ports));
  return allNodeNames.flatMap((node) => {
    const ownPid = readRecord(layout, node)?.process.pid;
    return portsOfNode[node].map((name): PortFinding => {
      const port = ports[name];
      const holder = holders.get(port);
      if (holder === undefined) return { name, port, state: 'free' };
      const own = holder.pid !== undefined && holder.pid === ownPid;
      return { name, port, state: own ? 'own' : 'taken', holder: holder.name };
    });
  });
}

function programOf({ clients: _, ...program }: HostServer): FoundProgram {
  return program;
}

function nodeFits(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > nodeVersionMin[0] || (major === nodeVersionMin[0] && minor >= nodeVersionMin[1]);
}

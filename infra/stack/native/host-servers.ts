import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { run } from '../../process.ts';
import type { Text } from '../../text.ts';
import { distinctPrograms, type FoundProgram, programsOnPath, tellsNoVersion, tooOld } from './host-programs.ts';

/** A server of this machine, with the client that goes with it. */
export interface HostServer extends FoundProgram {
  /** The folder of its client programs; undefined where none fits. */
  readonly clients: string | undefined;
}

/** What a `--version` says: a product by its own name, and where it is ours its version. */
type Identified = { readonly version: string } | { readonly other: Text } | undefined;

interface Kind {
  readonly server: string;
  readonly client: string;
  readonly versionArgs: readonly string[];
  readonly versionMin: readonly [number, number];
  identify(output: string): Identified;
  identifyClient(output: string): Identified;
}

/** Server packages put their programs where an ordinary user's PATH does not look. */
const serverFolders = ['/usr/sbin', '/usr/local/sbin', '/usr/libexec'];

/**
 * `mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))` is MySQL 9.7.4; MariaDB calls its server mysqld as well, and
 * prints `mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for …` or `mysqld from 11.4.2-MariaDB, client 15.2 for …`.
 */
export function identifyMysql(output: string): Identified {
  if (/mariadb/i.test(output)) return { other: { ko: 'MySQL이 아니라 MariaDB입니다', en: 'it is MariaDB, not MySQL' } };
  const version = / Ver (\d+\.\d+\.\d+)/.exec(output)?.[1];
  return version === undefined ? undefined : { version };
}

/** `Redis server v=7.0.15 sha=00000000:0 malloc=…`; some distributions link redis-server to Valkey. */
export function identifyRedis(output: string): Identified {
  if (/valkey/i.test(output)) return { other: { ko: 'Redis가 아니라 Valkey입니다', en: 'it is Valkey, not Redis' } };
  const version = /^Redis server v=(\d+\.\d+\.\d+)/m.exec(output)?.[1];
  return version === undefined ? undefined : { version };
}

function identifyRedisClient(output: string): Identified {
  const version = /^redis-cli (\d+\.\d+\.\d+)/m.exec(output)?.[1];
  return version === undefined ? undefined : { version };
}

const mysql: Kind = {
  server: 'mysqld',
  client: 'mysql',
  // The host's option files may hold what this program refuses.
  versionArgs: ['--no-defaults', '--version'],
  versionMin: [8, 4],
  identify: identifyMysql,
  identifyClient: identifyMysql,
};
const redis: Kind = {
  server: 'redis-server',
  client: 'redis-cli',
  versionArgs: ['--version'],
  versionMin: [7, 0],
  identify: identifyRedis,
  identifyClient: identifyRedisClient,
};

export interface SearchOptions {
  readonly env: NodeJS.ProcessEnv;
  /** False: none is to be used; they are found all the same, and rejected. */
  readonly allowed: boolean;
  readonly signal: AbortSignal;
  /** Looked at after the PATH. */
  readonly folders?: readonly string[];
}

/** Every mysqld of this machine, in the order in which they are tried; a fitting one has its client. */
export function findMysqlServers(options: SearchOptions): Promise<readonly HostServer[]> {
  return findServers(mysql, options);
}

export function findRedisServers(options: SearchOptions): Promise<readonly HostServer[]> {
  return findServers(redis, options);
}

async function findServers(
  kind: Kind,
  { env, allowed, signal, folders = serverFolders }: SearchOptions,
): Promise<readonly HostServer[]> {
  const paths = [...programsOnPath(kind.server, env), ...folders.map((folder) => join(folder, kind.server))];
  return Promise.all(
    distinctPrograms(paths).map(async (path): Promise<HostServer> => {
      const { version, rejected } = await inspect(kind, path, signal);
      const clients = rejected === undefined ? await clientsFor(kind, path, env, signal) : undefined;
      const reason =
        rejected ??
        (allowed ? undefined : { ko: 'LABCTL_HOST_ENGINES=0', en: 'LABCTL_HOST_ENGINES=0' }) ??
        (clients === undefined ? lacksClient(kind) : undefined);
      return {
        path,
        version,
        clients,
        fits: reason === undefined,
        ...(reason === undefined ? {} : { rejected: reason }),
      };
    }),
  );
}

async function inspect(
  { versionArgs, identify, versionMin }: Kind,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly version: string | undefined; readonly rejected?: Text }> {
  const { stdout, problem } = await run(path, versionArgs, { timeoutMs: 10_000, signal });
  const found = identify(stdout);
  if (found === undefined) return { version: undefined, rejected: tellsNoVersion(problem) };
  if ('other' in found) return { version: /\d+\.\d+\.\d+/.exec(stdout)?.[0], rejected: found.other };
  const { version } = found;
  if (!isAtLeast(version, versionMin)) return { version, rejected: tooOld(version, versionMin.join('.')) };
  return isConfined(path) ? { version, rejected: confined } : { version };
}

export function isAtLeast(version: string, [majorMin, minorMin]: readonly [number, number]): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/** The client beside its server, else the first on the PATH that is no other product's. */
async function clientsFor(
  { client, versionArgs, identifyClient }: Kind,
  server: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  const beside = join(dirname(server), client);
  for (const path of distinctPrograms([beside, ...programsOnPath(client, env)])) {
    const { stdout } = await run(path, versionArgs, { timeoutMs: 10_000, signal });
    const found = identifyClient(stdout);
    if (found !== undefined && 'version' in found) return dirname(path);
  }
  return undefined;
}

function lacksClient({ client }: Kind): Text {
  return { ko: `함께 쓸 ${client}이(가) PATH에 없습니다`, en: `there is no ${client} on the PATH to go with it` };
}

const confined: Text = {
  ko: 'AppArmor가 이 프로그램을 시스템의 데이터 폴더에 묶어 둡니다',
  en: "AppArmor keeps it to the system's own data folder",
};

/** Ubuntu's packages bring a profile that forbids mysqld every folder but its own; profiles are named after the program. */
function isConfined(path: string): boolean {
  if (basename(path) !== mysql.server) return false;
  const profile = path.slice(1).replaceAll('/', '.');
  const folder = '/etc/apparmor.d';
  if (!existsSync(join(folder, profile)) || existsSync(join(folder, 'disable', profile))) return false;
  try {
    return readFileSync('/sys/module/apparmor/parameters/enabled', 'utf8').startsWith('Y');
  } catch {
    return false;
  }
}

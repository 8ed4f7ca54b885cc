import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError, InterruptedError } from '../../../errors.ts';
import { packageRoot } from '../../../package-root.ts';
import { run } from '../../../process.ts';
import type { Text } from '../../../text.ts';
import { programsOnPath } from '../host-programs.ts';
import {
  aptConfiguration,
  assumedInstalled,
  type Distribution,
  type IndexTarget,
  indexTargetFormat,
  parseCandidates,
  parseIndexTargets,
  parseOsRelease,
  type Suite,
  sourceLines,
  transportSettings,
} from './apt-sources.ts';
import { fetchFailure } from './fetch-failure.ts';
import { keepWholePackages, parsePrintedUris } from './packages-folder.ts';

/** A package chosen from a suite: the name may be a pattern, as Ubuntu puts versions into names. */
export interface ChosenPackage {
  readonly name: string;
  readonly version: string;
}

export interface WantedPackages {
  readonly main: RegExp;
  readonly others: readonly RegExp[];
}

export interface ChosenPackages {
  readonly suite: Suite;
  /** The one that gives the engine its version. */
  readonly main: ChosenPackage;
  readonly others: readonly ChosenPackage[];
}

/** Packages of the machine's own Debian or Ubuntu archives, fetched without root and without touching the system's apt. */
export interface PrivateApt {
  /**
   * Chooses, for each pattern, the highest named package with a candidate: from the machine's own suites when all are
   * there, else from sid. @throws EngineError when neither has them.
   */
  choose(wanted: WantedPackages): Promise<ChosenPackages>;
  /**
   * Downloads the closure into `folder`, which may hold some of it already; apt checks signatures and hashes.
   * @param onSize is told first how many bytes it is in all.
   */
  download(chosen: ChosenPackages, folder: string, onSize: (bytes: number) => void): Promise<void>;
  unpack(packages: string, root: string): Promise<void>;
}

const commandTimeoutMs = 10 * 60_000;

export interface PrivateAptOptions {
  /** For the lists; may be deleted afterwards, or kept and given again. */
  readonly folder: string;
  /** Of every tool, a mark of the fetch included. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** What the operator would have to install where this cannot be used. */
  readonly instead: () => Promise<readonly Text[]>;
}

/** @throws EngineError when this is no Debian or Ubuntu. */
export async function privateApt({ folder, env, signal, instead }: PrivateAptOptions): Promise<PrivateApt> {
  const tool = toolRunner(env, signal);
  const distribution = await readDistribution();
  if (distribution === undefined || !['apt-get', 'dpkg-deb'].every((name) => programsOnPath(name, env).length > 0)) {
    throw notDebian(await instead());
  }
  const architecture = (await tool('dpkg', ['--print-architecture'])).trim();
  const targets = await indexTargets(tool, architecture);
  const transport = transportSettings(await tool('apt-config', ['dump']));
  const options = `[arch=${architecture}${signedBy(distribution)}]`;

  const opened = new Map<Suite, Promise<string | undefined>>();
  /** The environment that makes apt use this suite; undefined where the machine lists no such archive. */
  const openSuite = (suite: Suite): Promise<string | undefined> => {
    const known = opened.get(suite);
    if (known !== undefined) return known;
    const opening = (async () => {
      const lines = sourceLines(suite, targets, { codename: distribution.codename, options });
      if (lines.length === 0) return undefined;
      const configuration = writeSuite(join(folder, suite), lines, { architecture, transport });
      // Among the machine's own archives one may fail (a foreign one is not signed by the keyring); sid is a single one.
      const strict = ['--option', 'APT::Update::Error-Mode=any'];
      const tolerant = suite === 'own';
      const update = ['update', '--quiet=2', ...(tolerant ? [] : strict)];
      await tool('apt-get', update, { configuration, tolerant });
      return configuration;
    })();
    opened.set(suite, opening);
    return opening;
  };
  const suites: readonly Suite[] = distribution.family === 'debian' ? ['own', 'sid'] : ['own'];

  return {
    async choose({ main, others }) {
      for (const suite of suites) {
        const configuration = await openSuite(suite);
        if (configuration === undefined) continue;
        const aptCache = (args: readonly string[]) => tool('apt-cache', args, { configuration });
        const names = (await aptCache(['pkgnames'])).split('\n');
        const [found, ...rest] = await Promise.all(
          [main, ...others].map((pattern) =>
            bestCandidate(
              names.filter((name) => pattern.test(name)),
              aptCache,
            ),
          ),
        );
        const complete = rest.filter((candidate) => candidate !== undefined);
        if (found !== undefined && complete.length === rest.length) return { suite, main: found, others: complete };
      }
      // Lists that were kept from an earlier fetch may be at fault: the next one asks for them anew.
      rmSync(folder, { recursive: true, force: true });
      throw noCandidate(main, distribution);
    },
    async download(chosen, target, onSize) {
      const configuration = await openSuite(chosen.suite);
      if (configuration === undefined) throw new Error(`suite ${chosen.suite} was never opened`);
      const none = join(folder, chosen.suite, 'cache', 'archives');
      const get = (archives: string, ...options: readonly string[]) =>
        tool('apt-get', installArgs(chosen, archives, options), { configuration });
      // It prints what it would download, and so leaves out what is there: asked with a folder that is empty.
      const expected = parsePrintedUris(await get(none, '--print-uris', ...printedHash));
      keepWholePackages(target, expected);
      onSize(expected.reduce((sum, { bytes }) => sum + bytes, 0));
      await get(target);
    },
    async unpack(packages, root) {
      const script = join(packageRoot, 'infra', 'stack', 'native', 'fetch', 'unpack-packages.sh');
      await tool('bash', [script, root, packages]);
    },
  };
}

/** Unasked it prints MD5 alone, which the archives of security updates no longer have. */
const printedHash = ['--option', 'Acquire::ForceHash=SHA256'];

async function indexTargets(tool: Tool, architecture: string): Promise<readonly IndexTarget[]> {
  // Without --no-release-info nothing is printed on a fresh image whose lists are empty.
  const about = ['--no-release-info', '--format', indexTargetFormat];
  const which = ['Created-By: Packages', `Architecture: ${architecture}`];
  return parseIndexTargets(await tool('apt-get', ['indextargets', ...about, ...which]));
}

function installArgs(
  { main, others }: ChosenPackages,
  archives: string,
  options: readonly string[],
): readonly string[] {
  const names = [main, ...others].map(({ name }) => name);
  const into = ['--option', `Dir::Cache::archives=${archives}`];
  return ['install', '--download-only', '--quiet=2', ...options, ...into, ...names];
}

export async function readDistribution(): Promise<Distribution | undefined> {
  try {
    return parseOsRelease(await readFile('/etc/os-release', 'utf8'));
  } catch {
    return undefined;
  }
}

function writeSuite(
  folder: string,
  lines: readonly string[],
  settings: { readonly architecture: string; readonly transport: readonly string[] },
): string {
  mkdirSync(join(folder, 'lists', 'partial'), { recursive: true });
  mkdirSync(join(folder, 'cache', 'archives', 'partial'), { recursive: true });
  writeFileSync(join(folder, 'status'), assumedInstalled(settings.architecture));
  writeFileSync(join(folder, 'sources.list'), `${lines.join('\n')}\n`);
  const configuration = join(folder, 'apt.conf');
  writeFileSync(configuration, aptConfiguration(folder, settings));
  return configuration;
}

function signedBy({ family }: Distribution): string {
  const keyrings = ['gpg', 'pgp'].map((ending) => `/usr/share/keyrings/${family}-archive-keyring.${ending}`);
  const keyring = keyrings.find(existsSync);
  return keyring === undefined ? '' : ` signed-by=${keyring}`;
}

type Tool = (
  command: string,
  args: readonly string[],
  /** Of an apt: its private configuration. */
  options?: { readonly configuration?: string; readonly tolerant?: boolean },
) => Promise<string>;

function toolRunner(env: NodeJS.ProcessEnv, signal: AbortSignal): Tool {
  return async (command, args, { configuration, tolerant = false } = {}) => {
    const apt = { APT_CONFIG: configuration, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
    const settings = configuration === undefined ? env : { ...env, ...apt };
    const result = await run(command, args, { env: settings, timeoutMs: commandTimeoutMs, signal });
    if (signal.aborted) throw new InterruptedError();
    if (result.problem === undefined || tolerant) return result.stdout;
    const said = result.stderr.trim().split('\n').slice(-3).join(' · ');
    throw fetchFailure(
      {
        ko: `${command} ${args[0] ?? ''} 명령이 실패했습니다`,
        en: `${command} ${args[0] ?? ''} failed`,
      },
      {
        said: said || result.problem,
        tools: result.stderr,
        cure: {
          ko: '네트워크와 apt의 프록시·미러 설정을 확인하십시오: apt-get update',
          en: "check the network, and the proxy and mirror in apt's configuration: apt-get update",
        },
      },
    );
  };
}

/** The highest name wins: where several versions are packaged side by side, the name holds the version. */
async function bestCandidate(
  names: readonly string[],
  aptCache: (args: readonly string[]) => Promise<string>,
): Promise<ChosenPackage | undefined> {
  if (names.length === 0) return undefined;
  const candidates = [...parseCandidates(await aptCache(['policy', ...names]))];
  const [best] = candidates.sort(([left], [right]) => right.localeCompare(left, 'en', { numeric: true }));
  return best && { name: best[0], version: best[1] };
}

function notDebian(instead: readonly Text[]): EngineError {
  return new EngineError(
    'machine',
    { ko: '이 시스템에서는 엔진을 가져올 수 없습니다', en: 'the engines cannot be fetched on this system' },
    {
      why: {
        ko: 'Debian이나 Ubuntu의 apt-get, dpkg-deb가 없고, PATH에도 쓸 수 있는 것이 없습니다',
        en: 'it has no apt-get and dpkg-deb of Debian or Ubuntu, and its PATH has none that fits',
      },
      tryThis: [
        {
          ko: `직접 설치: ${instead.map(({ ko }) => ko).join(', ')} (labctl doctor가 PATH에서 찾은 것을 보여 줍니다)`,
          en: `install ${instead.map(({ en }) => en).join(', ')} (labctl doctor shows what the PATH has)`,
        },
        { ko: '또는 Docker를 설치해 사용: docker compose up -d', en: 'or use Docker: docker compose up -d' },
      ],
    },
  );
}

function noCandidate({ source }: RegExp, { title, codename }: Distribution): EngineError {
  const wanted = source.replace(/[\^$]/g, '');
  return new EngineError(
    'machine',
    { ko: `${title}의 저장소에 필요한 패키지가 없습니다: ${wanted}`, en: `no archive of ${title} has ${wanted}` },
    {
      why: {
        ko: `apt 설정에 ${codename} 저장소가 없거나, 저장소에 연결할 수 없습니다`,
        en: `apt's configuration lists no archive of ${codename}, or the archive cannot be reached`,
      },
      tryThis: ['apt-get update', 'apt-get indextargets --no-release-info'],
    },
  );
}

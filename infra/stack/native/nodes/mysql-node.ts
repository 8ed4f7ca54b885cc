import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EngineError, InterruptedError } from '../../../errors.ts';
import { run } from '../../../process.ts';
import { nodeAnswers } from '../../answers.ts';
import { mysqldFlags } from '../../settings/mysql.ts';
import { toolMarkOf } from '../node-mark.ts';
import { makeFirstData } from './first-data.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

export function mysqlNode({ layout, ports, endpoints, engines }: NodeContext): NativeNode {
  const { version, privateRoot } = engines.mysql;
  const dataDir = layout.dataDir('mysql');
  const [program, ...before] = engines.mysql.commandOf('mysqld');
  const mark = toolMarkOf(layout.stackDir);
  const places = privateRoot === undefined ? [] : placesIn(privateRoot);
  const settings = [...before, '--no-defaults', ...places, ...asRoot()];
  return {
    name: 'mysql',
    engine: 'mysql',
    version,
    async prepare(signal) {
      mkdirSync(join(layout.stackDir, 'tmp'), { recursive: true });
      if (!existsSync(dataDir)) {
        await makeFirstData(dataDir, (aside) => initialize({ program, settings, aside, mark, signal }));
      }
      refuseNewerData(dataDir, version);
      // mysqld refuses to start while the socket's lock file names a pid that exists, a zombie's or a stranger's too.
      for (const file of [layout.socketFile, `${layout.socketFile}.lock`]) rmSync(file, { force: true });
    },
    launch: {
      command: program,
      args: [
        ...settings,
        `--datadir=${dataDir}`,
        `--tmpdir=${join(layout.stackDir, 'tmp')}`,
        `--port=${ports.mysql}`,
        '--bind-address=127.0.0.1',
        `--socket=${layout.socketFile}`,
        `--pid-file=${join(dataDir, 'mysqld.pid')}`,
        `--log-error=${layout.logFile('mysql')}`,
        ...mysqldFlags,
      ],
      cwd: layout.stackDir,
    },
    answers: () => nodeAnswers('mysql', { ports, endpoints }),
    readyTimeoutMs: 90_000,
  };
}

/** Behind a private loader mysqld finds nothing beside itself: /proc/self/exe is the loader. */
function placesIn(root: string): readonly string[] {
  const share = join(root, 'usr', 'share', 'mysql');
  return [
    `--basedir=${join(root, 'usr')}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, 'charsets')}`,
    `--plugin-dir=${join(root, 'usr', 'lib', 'mysql', 'plugin')}`,
  ];
}

/** mysqld refuses to run as root unless told to. */
function asRoot(): readonly string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

const upgradeHistory = z.object({ upgrade_history: z.array(z.object({ version: z.string() })) });

/**
 * A data folder cannot be opened by an older mysqld than the newest that did; which one starts depends on the PATH.
 * MySQL keeps its own list in the data folder, since 8.4. @throws EngineError
 */
export function refuseNewerData(dataDir: string, version: string): void {
  const newest = openedBy(dataDir).findLast((opened) => isNewer(opened, version));
  if (newest === undefined) return;
  throw new EngineError(
    'mysql',
    {
      ko: `이 데이터는 MySQL ${newest}이(가) 쓰던 것이라 ${version}(으)로는 열 수 없습니다`,
      en: `this data was used by MySQL ${newest}; ${version} cannot open it`,
    },
    {
      why: {
        ko: 'PATH의 mysqld가 바뀌었습니다 (labctl doctor가 보여 줍니다)',
        en: 'another mysqld than before comes first on the PATH (labctl doctor shows which)',
      },
      tryThis: [
        {
          ko: 'LABCTL_HOST_ENGINES=0 labctl up (전용 패키지의 MySQL을 씁니다)',
          en: 'LABCTL_HOST_ENGINES=0 labctl up (uses the MySQL of the private packages)',
        },
        { ko: 'labctl down -v (데이터를 버리고 새로 시작)', en: 'labctl down -v, which begins with new data' },
      ],
    },
  );
}

function openedBy(dataDir: string): readonly string[] {
  try {
    const history = readFileSync(join(dataDir, 'mysql_upgrade_history'), 'utf8');
    return upgradeHistory.parse(JSON.parse(history)).upgrade_history.map((entry) => entry.version);
  } catch {
    return [];
  }
}

/** By major and minor: within one, MySQL opens older and newer data alike (since 8.4). */
function isNewer(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [thanMajor = 0, thanMinor = 0] = than.split('.').map(Number);
  return major > thanMajor || (major === thanMajor && minor > thanMinor);
}

const firstStatements = `CREATE DATABASE IF NOT EXISTS lab;
ALTER USER 'root'@'localhost' IDENTIFIED BY 'root';
CREATE USER 'root'@'%' IDENTIFIED BY 'root';
GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;
`;

interface Initialization {
  readonly program: string;
  readonly settings: readonly string[];
  readonly aside: string;
  readonly mark: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

async function initialize({ program, settings, aside, mark, signal }: Initialization): Promise<void> {
  const statements = join(aside, 'init.sql');
  const log = join(aside, 'init.log');
  writeFileSync(statements, firstStatements, { mode: 0o600 });
  const result = await run(
    program,
    [
      ...settings,
      '--initialize-insecure',
      `--datadir=${join(aside, 'data')}`,
      `--init-file=${statements}`,
      `--log-error=${log}`,
      '--innodb-buffer-pool-size=64M',
    ],
    { env: { ...process.env, ...mark }, timeoutMs: 120_000, signal },
  );
  if (signal.aborted) throw new InterruptedError();
  if (result.problem !== undefined) throw initializeFailed(log, result.stderr || result.problem);
}

function initializeFailed(log: string, said: string): EngineError {
  const errors = existsSync(log)
    ? readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => line.includes('[ERROR]'))
    : [];
  return new EngineError(
    'mysql',
    { ko: 'MySQL의 데이터 디렉터리를 만들지 못했습니다', en: 'the data folder of MySQL could not be made' },
    { why: errors.at(0) ?? said },
  );
}

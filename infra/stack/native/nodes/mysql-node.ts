import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineError, InterruptedError } from '../../../errors.ts';
import { run } from '../../../process.ts';
import { nodeAnswers } from '../../answers.ts';
import { mysqldFlags } from '../../settings/mysql.ts';
import { toolMarkOf } from '../node-mark.ts';
import { makeFirstData } from './first-data.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

export function mysqlNode({ layout, ports, endpoints, engines }: NodeContext): NativeNode {
  const { folder, version } = engines.mysql;
  const dataDir = layout.dataDir('mysql');
  const program = join(folder, 'run', 'exec');
  const mark = toolMarkOf(layout.stackDir);
  const settings = ['mysqld', '--no-defaults', ...places(folder), ...asRoot()];
  return {
    name: 'mysql',
    engine: 'mysql',
    version,
    async prepare(signal) {
      mkdirSync(join(layout.stackDir, 'tmp'), { recursive: true });
      if (!existsSync(dataDir)) {
        await makeFirstData(dataDir, (aside) => initialize({ program, settings, aside, mark, signal }));
      }
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
function places(root: string): readonly string[] {
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

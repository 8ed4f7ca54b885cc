import { existsSync, statfsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { UserError } from './errors.ts';
import { stateDirOf } from './state-dir.ts';
import { type Language, languageOf, type Text } from './text.ts';

/** Everything read from the environment, parsed once by the composition root and passed on. */
export interface Config {
  /** Added to every port of the lab. */
  readonly portOffset: number;
  /** `.lab` of this clone, or `.lab/offset-<n>` for a stack on shifted ports. State of engines, runs and daemons. */
  readonly stateDir: string;
  /** Fetched engines, shared between clones. */
  readonly cacheDir: string;
  /** Whether a fitting mysqld and redis-server of this machine are used; else only fetched ones. */
  readonly hostEngines: boolean;
  readonly language: Language;
  /** The owner's own failure rules; the file need not exist. */
  readonly failureRulesFile: string;
}

const environment = z.object({
  LABCTL_PORT_OFFSET: z
    .string()
    .regex(/^\d{1,5}$/)
    .default('0')
    .transform(Number),
  LABCTL_STATE_DIR: z.string().optional(),
  LABCTL_CACHE_DIR: z.string().optional(),
  LABCTL_HOST_ENGINES: z.enum(['0', '1']).default('1'),
  LABCTL_LANG: z.enum(['ko', 'en']).optional(),
  LABCTL_FAILURE_RULES: z.string().optional(),
  XDG_CACHE_HOME: z.string().optional(),
});
type Name = keyof z.infer<typeof environment>;

const folder: Text = { ko: '폴더의 경로여야 합니다', en: 'it takes the path of a folder' };
const forms: Readonly<Record<Name, Text>> = {
  LABCTL_PORT_OFFSET: { ko: '0 이상의 정수여야 합니다 (예: 300)', en: 'it takes a whole number, such as 300' },
  LABCTL_LANG: { ko: 'ko 또는 en이어야 합니다', en: 'it takes ko or en' },
  LABCTL_HOST_ENGINES: { ko: '0 또는 1이어야 합니다', en: 'it takes 0 or 1' },
  LABCTL_STATE_DIR: folder,
  LABCTL_CACHE_DIR: folder,
  LABCTL_FAILURE_RULES: { ko: '파일의 경로여야 합니다', en: 'it takes the path of a file' },
  XDG_CACHE_HOME: folder,
};

/**
 * An empty variable counts as unset. Folders become absolute: daemons that outlive this command run elsewhere.
 * @throws UserError naming the variable that cannot be used.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) throw unusable(parsed.error.issues[0]?.path[0] as Name, env);
  const {
    LABCTL_PORT_OFFSET: portOffset,
    LABCTL_CACHE_DIR,
    LABCTL_HOST_ENGINES,
    LABCTL_LANG,
    LABCTL_FAILURE_RULES,
    XDG_CACHE_HOME,
  } = parsed.data;
  const stateDir = stateDirOf(env);
  const cacheDir = resolve(LABCTL_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'labctl'));
  refuseProcessTable('LABCTL_STATE_DIR', stateDir);
  refuseProcessTable('LABCTL_CACHE_DIR', cacheDir);
  return {
    portOffset,
    stateDir,
    cacheDir,
    hostEngines: LABCTL_HOST_ENGINES === '1',
    failureRulesFile: resolve(LABCTL_FAILURE_RULES ?? join(stateDir, 'failure-rules.yaml')),
    language: LABCTL_LANG ?? languageOf(env.LC_ALL || env.LC_MESSAGES || env.LANG),
  };
}

function unusable(name: Name, env: NodeJS.ProcessEnv): UserError {
  const given = `${name}=${env[name] ?? ''}`;
  return new UserError(
    { ko: `${given}은(는) 쓸 수 없습니다`, en: `${given} cannot be used` },
    { why: forms[name], tryThis: [`unset ${name}`] },
  );
}

/** statfs(2): the magic number of procfs. */
const processTable = 0x9fa0;

/**
 * No folder can be made in /proc, where the system shows its processes; asked to make one with its parents, Node tries for
 * ever. @throws UserError
 */
function refuseProcessTable(name: Name, path: string): void {
  let existing = path;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  if (statfsSync(existing).type !== processTable) return;
  throw new UserError(
    { ko: `${name}=${path}은(는) 쓸 수 없습니다`, en: `${name}=${path} cannot be used` },
    {
      why: {
        ko: `${existing}은(는) 시스템이 프로세스를 보여 주는 곳이라 파일을 둘 수 없습니다`,
        en: `${existing} is where the system shows its processes; no file can be kept there`,
      },
      tryThis: [`unset ${name}`],
    },
  );
}

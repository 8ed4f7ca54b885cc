import { userInfo } from 'node:os';
import { RefusedError } from '../infra/errors.ts';
import type { OwnOptions } from '../infra/own-stack/own-stack.ts';
import type { OwnStack } from '../infra/target.ts';
import type { Text } from '../infra/text.ts';
import type { CommandRecord } from './command.ts';
import type { Context } from './context.ts';
import type { Terminal } from './output/terminal.ts';

/** Options of every command that say where to look; none of them: the lab. */
export const ownOptions = {
  kafka: {
    syntax: '--kafka <addresses>',
    summary: {
      ko: '내 Kafka: host:9092,… 또는 kafka://user@host:9092?mechanism=scram-sha-512',
      en: 'your Kafka: host:9092,… or kafka://user@host:9092?mechanism=scram-sha-512',
    },
  },
  mysql: {
    syntax: '--mysql <address>',
    summary: { ko: '내 MySQL: mysql://user@host:3306/db', en: 'your MySQL: mysql://user@host:3306/db' },
  },
  redis: {
    syntax: '--redis <address>',
    summary: {
      ko: '내 Redis: host:6379 또는 rediss://user@host:6379; 여럿이면 클러스터',
      en: 'your Redis: host:6379 or rediss://user@host:6379; several: a cluster',
    },
  },
  redisCluster: {
    syntax: '--redis-cluster <addresses>',
    summary: { ko: '내 Redis Cluster의 노드', en: 'nodes of your Redis Cluster' },
  },
  profile: {
    syntax: '--profile <name>',
    summary: { ko: 'labctl.yaml의 프로필', en: 'a profile of labctl.yaml' },
  },
  config: { syntax: '--config <file>', summary: { ko: '다른 labctl.yaml', en: 'another labctl.yaml' } },
} as const satisfies Readonly<Record<keyof OwnOptions, { readonly syntax: string; readonly summary: Text }>>;

const names = Object.keys(ownOptions) as (keyof OwnOptions)[];

/** The options that were given. A file alone names no stack. */
export function ownFrom(given: Readonly<Record<string, unknown>>): OwnOptions {
  return Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, String(given[name])]])));
}

export const namesOwn = (options: OwnOptions): boolean =>
  names.some((name) => name !== 'config' && options[name] !== undefined);

/** They show what the lab is, or keeps on its disk, and never a target. */
const labOnly = new Set(['dlq', 'doctor', 'env', 'exp', 'fault', 'load', 'logs', 'outbox', 'run', 'status']);

/**
 * Before anything is done: what would write, or is about the lab itself, is never done while another stack is named.
 * @throws RefusedError
 */
export function refuseOnOwn({ path, impact }: Pick<CommandRecord, 'path' | 'impact'>): void {
  if (impact === 'read' && !labOnly.has(path[0])) return;
  throw onlyInLab(path.join(' '), impact === 'read' ? isAboutLab : isReadOnly);
}

const isReadOnly: Text = { ko: '내 스택은 읽기만 합니다', en: 'your own stack is only read' };
const isAboutLab: Text = { ko: '랩 자체에 관한 명령입니다', en: 'it is about the lab itself' };

/** @param what the command, as it is typed after `labctl`. */
export function onlyInLab(what: string, why: Text = isAboutLab): RefusedError {
  return new RefusedError(
    {
      ko: `labctl ${what}: 다른 스택을 지정하고는 쓸 수 없습니다`,
      en: `labctl ${what} is not done while another stack is named`,
    },
    {
      why,
      tryThis: [
        `labctl ${what}`,
        {
          ko: '내 스택에는: labctl get | diagnose | trace | tui | top',
          en: 'on it: labctl get | diagnose | trace | tui | top',
        },
      ],
    },
  );
}

/**
 * Passwords come from the environment; where a person sits there and names a user, they are asked for without echo.
 * @throws UserError for what cannot be understood.
 */
export async function openOwnStack(
  options: OwnOptions,
  {
    env,
    terminal,
    signal,
    quiet,
    say,
  }: {
    readonly env: NodeJS.ProcessEnv;
    readonly terminal: Terminal;
    readonly signal: AbortSignal;
    /** JSON is asked for: nobody is asked anything. */
    readonly quiet: boolean;
    say(words: Text): void;
  },
): Promise<OwnStack> {
  const { ownStackFrom } = await import('../infra/own-stack/own-stack.ts');
  return ownStackFrom(options, {
    env,
    osUser: userInfo().username,
    async ask(variable, who) {
      const value = env[variable];
      if (value !== undefined || who.startsWith('@') || !terminal.interactive || quiet) return value;
      say({ ko: `${who}의 비밀번호 (없으면 Enter)`, en: `password of ${who} (Enter: none)` });
      return (await terminal.readLine(signal, { hidden: true })) || undefined;
    },
  });
}

/** For commands about a stack: the profile of that name, else what the options name, else nothing at all. */
export async function namedStack(context: Context, name: string | undefined): Promise<OwnStack> {
  const { env, terminal, signal, json: quiet, say } = context;
  const own = name === undefined ? context.own : { ...context.own, profile: name };
  return openOwnStack(own, { env, terminal, signal, quiet, say });
}

/** Without what nobody should see: passwords and private keys. */
export function publicEndpoints(endpoints: OwnStack['endpoints']) {
  const hidden = new Set(['password', 'ca', 'cert', 'key']);
  const shown = JSON.stringify(endpoints, (key, value) => (hidden.has(key) ? undefined : value));
  return JSON.parse(shown) as Readonly<Record<string, unknown>>;
}

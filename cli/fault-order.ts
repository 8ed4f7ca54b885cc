import { closest } from '../infra/closest.ts';
import { UserError } from '../infra/errors.ts';
import type { Fault, FaultLab } from '../infra/faults/fault.ts';
import { allNodeNames, type NodeName } from '../infra/stack/stack.ts';
import type { Language, Text } from '../infra/text.ts';
import type { Context } from './context.ts';
import { durationOption, spanText } from './duration.ts';
import type { Field } from './fields.ts';

/** What the commands that break something have in common. */
export interface FaultResult {
  readonly schema: 'labctl.fault/1';
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly does: Text;
  readonly takenAtMs: number;
  readonly expiresAtMs: number;
}

const fallbackMs = 30_000;
/** The longest that infra allows. */
const bounds = { minMs: 1_000, maxMs: 10 * 60_000 };

export const forOption = durationOption(
  '--for <time>',
  { fallbackMs, ...bounds },
  {
    ko: `이 시간이 지나면 스스로 치유 (기본 ${spanText(fallbackMs)}, 최대 ${spanText(bounds.maxMs)})`,
    en: `it heals itself after this time (${spanText(fallbackMs)} by default, at most ${spanText(bounds.maxMs)})`,
  },
);

export const nodeArgument: Field<NodeName> = {
  kind: 'argument',
  syntax: '<node>',
  summary: { ko: 'kafka-2, mysql, redis, … (labctl status)', en: 'kafka-2, mysql, redis, … (labctl status)' },
  parse: (raw) => oneOf(String(raw), allNodeNames, { ko: '랩의 노드', en: 'a node of the lab' }),
};

export const mysqlProxyDetails: Text = {
  ko: '프록시로(MySQL의 포트 + 1, 보통 13307) 접속한 클라이언트만 영향을 받습니다. 프록시는 처음 쓸 때 시작하며, native 드라이버에만 있습니다.',
  en: "Only clients that connect through it are hit: MySQL's port + 1, 13307 by default. Its first user starts it; with the native driver only.",
};

/** @throws UserError naming what there is; only what labctl runs itself can be chosen. */
export function oneOf<const Name extends string>(raw: string, names: readonly Name[], what: Text): Name {
  const chosen = names.find((name) => name === raw);
  if (chosen !== undefined) return chosen;
  const meant = closest(raw, names);
  throw new UserError(
    { ko: `${what.ko} 중에 "${raw}"은(는) 없습니다`, en: `"${raw}" is not ${what.en}` },
    {
      why: { ko: `있는 것: ${names.join(', ')}`, en: `there are: ${names.join(', ')}` },
      ...(meant === undefined ? {} : { tryThis: [meant] }),
    },
  );
}

export async function faultLabOf(context: Context): Promise<FaultLab> {
  const [config, stack, endpoints] = await Promise.all([context.config(), context.stack(), context.endpoints()]);
  return { config, stack, endpoints, clock: context.clock };
}

/**
 * Injects it, owned by nobody but its healer: returns at once, and it heals when its time is up.
 * @throws what `injectFault` throws.
 */
export async function orderFault(
  context: Context,
  forMs: number,
  build: (lab: FaultLab) => Promise<Fault>,
): Promise<FaultResult> {
  const [{ injectFault }, lab] = await Promise.all([import('../infra/faults/inject.ts'), faultLabOf(context)]);
  const fault = await build(lab);
  const { lease } = await injectFault(fault, lab, { forMs, who: await userName(), owner: 'nobody' });
  const { id, kind, target, takenAtMs, expiresAtMs } = lease;
  return { schema: 'labctl.fault/1', id, kind, target, does: fault.does, takenAtMs, expiresAtMs };
}

export async function userName(): Promise<string> {
  const { userInfo } = await import('node:os');
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`; // a container's user without a name
  }
}

export function faultText({ id, target, does, takenAtMs, expiresAtMs }: FaultResult, language: Language): string {
  const time = spanText(expiresAtMs - takenAtMs);
  const lines: Readonly<Record<Language, readonly string[]>> = {
    ko: [`${target}: ${does.ko}, ${time} 뒤 스스로 치유 (${id})`, `  먼저 치유하려면  labctl fault heal ${id}`],
    en: [`${target}: ${does.en}; heals itself after ${time} (${id})`, `  sooner  labctl fault heal ${id}`],
  };
  return lines[language].join('\n');
}

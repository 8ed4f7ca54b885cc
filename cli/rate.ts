import { UserError } from '../infra/errors.ts';
import type { Text } from '../infra/text.ts';
import type { Field } from './fields.ts';

/** What two shared cores keep up with for hours, and more than an operator asks of a laptop. */
const perSecondMax = 5_000;

/** `200/s`, `200` or `30/min` as transfers a second. @throws UserError */
function parseRate(raw: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/(s|sec|second|m|min|minute))?$/.exec(raw.trim()) ?? [];
  const perSecond = Number(amount) / (unit.startsWith('m') ? 60 : 1);
  if (amount !== undefined && perSecond > 0 && perSecond <= perSecondMax) return perSecond;
  throw new UserError(
    { ko: `"${raw}"은(는) 속도가 아닙니다`, en: `"${raw}" is not a rate` },
    {
      why: {
        ko: `0보다 크고 ${perSecondMax}/s 이하인 초당 이체 수여야 합니다`,
        en: `it takes transfers a second, above 0 and at most ${perSecondMax}/s`,
      },
      tryThis: ['200/s', '30/min'],
    },
  );
}

export function rateArgument(syntax: `<${string}>`, summary: Text): Field<number> {
  return { kind: 'argument', syntax, summary, parse: (raw) => parseRate(String(raw)) };
}

export function rateOption(syntax: string, summary: Text): Field<number | undefined> {
  return {
    kind: 'option',
    syntax,
    summary,
    parse: (raw) => (raw === undefined ? undefined : parseRate(String(raw))),
  };
}

/** 0.5 → `0.5/s`, 200 → `200/s`. */
export function rateText(perSecond: number): string {
  return `${Number(perSecond.toFixed(2))}/s`;
}

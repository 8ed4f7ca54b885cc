import { UserError } from '../infra/errors.ts';
import type { Text } from '../infra/text.ts';
import type { Field } from './fields.ts';

/** `5%` or `0.05` as 0.05. @throws UserError for anything outside 0 … 100 %; for none of it where it must be some. */
export function parseShare(raw: string, least: 'zero' | 'aboveZero' = 'zero'): number {
  const [, amount, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(raw.trim()) ?? [];
  const share = Number(amount) / (percent === '%' ? 100 : 1);
  if (amount !== undefined && share <= 1 && (least === 'zero' || share > 0)) return share;
  throw new UserError(
    { ko: `"${raw}"은(는) 비율이 아닙니다`, en: `"${raw}" is not a share` },
    {
      why:
        least === 'zero'
          ? { ko: '0%에서 100% 사이여야 합니다', en: 'it takes 0% to 100%, or 0 to 1' }
          : { ko: '0%보다 크고 100% 이하여야 합니다', en: 'it takes a share above 0% and at most 100%' },
      tryThis: ['5%', '0.05'],
    },
  );
}

export function shareOption(syntax: string, summary: Text): Field<number> {
  return { kind: 'option', syntax, summary, parse: (raw) => (raw === undefined ? 0 : parseShare(String(raw))) };
}

import { UserError } from '../../infra/errors.ts';
import { command } from '../command.ts';
import { faultText, forOption, orderFault } from '../fault-order.ts';
import type { Field } from '../fields.ts';

/** `5%`, `0.5%` or `0.05`, as a share above 0 and at most 1. */
const shareArgument: Field<number> = {
  kind: 'argument',
  syntax: '<share>',
  summary: { ko: '이체의 몫: 5%, 0.5%', en: 'the share of the transfers: 5%, 0.5%' },
  parse(raw) {
    const [, amount, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(raw)) ?? [];
    const share = Number(amount) / (percent === '%' ? 100 : 1);
    if (amount !== undefined && share > 0 && share <= 1) return share;
    throw new UserError(
      { ko: `"${raw}"은(는) 몫이 아닙니다`, en: `"${raw}" is not a share` },
      {
        why: { ko: '0%보다 크고 100% 이하여야 합니다', en: 'it takes a share above 0% and at most 100%' },
        tryThis: /^\d+$/.test(String(raw)) ? [`${raw}%`] : ['5%'],
      },
    );
  },
};

export const faultPoison = command({
  path: ['fault', 'poison'],
  summary: {
    ko: '이체의 일부를 해독할 수 없는 이벤트로 보냄',
    en: 'send a share of the transfers as events that nobody can decode',
  },
  impact: 'write',
  fields: { share: shareArgument, forMs: forOption },
  run: ({ share, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { poison } = await import('../../infra/faults/poison.ts');
      return poison.of({ scope: '', share });
    }),
  text: (result, { language }) => faultText(result, language),
});

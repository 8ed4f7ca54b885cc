import { command } from '../command.ts';
import { faultText, forOption, orderFault } from '../fault-order.ts';
import type { Field } from '../fields.ts';
import { parseShare } from '../share.ts';

const shareArgument: Field<number> = {
  kind: 'argument',
  syntax: '<share>',
  summary: { ko: '이체의 비율: 5%, 0.5%', en: 'the share of the transfers: 5%, 0.5%' },
  parse: (raw) => parseShare(String(raw), 'aboveZero'),
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

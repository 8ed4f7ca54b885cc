import { command } from '../command.ts';
import { faultText, forOption, oneOf, orderFault } from '../fault-order.ts';
import { argument } from '../fields.ts';

export const faultBug = command({
  path: ['fault', 'bug'],
  summary: {
    ko: '한 이벤트 유형의 핸들러를 버그 있는 빌드로; 치유가 곧 수정 배포',
    en: 'deploy a handler with a bug for one event type; healing deploys the fix',
  },
  impact: 'write',
  fields: {
    eventType: argument('<event-type>', { ko: 'BalanceAdjusted 등', en: 'BalanceAdjusted, …' }),
    forMs: forOption,
  },
  run: ({ eventType, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const [{ bug }, { eventTypes }] = await Promise.all([
        import('../../infra/faults/bug.ts'),
        import('../../infra/contract/envelope.ts'),
      ]);
      const known = oneOf(eventType, Object.values(eventTypes), { ko: '이벤트 유형', en: 'an event type' });
      return bug.of({ scope: '', eventType: known });
    }),
  text: (result, { language }) => faultText(result, language),
});

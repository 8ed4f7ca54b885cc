import { command } from '../command.ts';
import { faultText, forOption, orderFault } from '../fault-order.ts';
import { numberOption } from '../fields.ts';

export const faultFreezeFollowers = command({
  path: ['fault', 'freeze-followers'],
  summary: {
    ko: '리더 하나만 남기고 브로커를 SIGSTOP으로 멈춤',
    en: 'freeze every broker but one that leads, with SIGSTOP',
  },
  impact: 'write',
  details: {
    ko: '이벤트 토픽의 파티션을 이끄는 브로커만 남습니다. --partition이 없으면 가장 많이 이끄는 브로커입니다.',
    en: 'The one that leads a partition of the event topic goes on; without --partition, the one that leads most of them.',
  },
  fields: {
    partition: numberOption(
      '--partition <number>',
      { min: 0, max: 999 },
      { ko: '이 파티션의 리더를 남김', en: 'keep the leader of this partition' },
    ),
    forMs: forOption,
  },
  run: ({ partition, forMs }, context) =>
    orderFault(context, forMs, async (lab) => {
      const [{ freezeFollowersOf }, { labScopeName, scopeOf }] = await Promise.all([
        import('../../infra/faults/frozen-followers.ts'),
        import('../../infra/contract/scope.ts'),
      ]);
      const topic = scopeOf(labScopeName).topics.events;
      return freezeFollowersOf({ topic, ...(partition === undefined ? {} : { partition }) }, lab);
    }),
  text: (result, { language }) => faultText(result, language),
});

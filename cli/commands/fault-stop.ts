import { command } from '../command.ts';
import { faultText, forOption, nodeArgument, orderFault } from '../fault-order.ts';

export const faultStop = command({
  path: ['fault', 'stop'],
  summary: {
    ko: '노드를 정상 종료; 시간이 지나면 다시 시작',
    en: 'stop a node in order; it is started again after the time',
  },
  impact: 'write',
  fields: { node: nodeArgument, forMs: forOption },
  run: ({ node, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { stop } = await import('../../infra/faults/stop.ts');
      return stop.of({ node });
    }),
  text: (result, { language }) => faultText(result, language),
});

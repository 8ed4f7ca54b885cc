import { command } from '../command.ts';
import { faultText, forOption, nodeArgument, orderFault } from '../fault-order.ts';

export const faultPause = command({
  path: ['fault', 'pause'],
  summary: {
    ko: '노드를 SIGSTOP으로 멈춤; 시간이 지나면 계속',
    en: 'freeze a node with SIGSTOP; it goes on after the time',
  },
  impact: 'write',
  fields: { node: nodeArgument, forMs: forOption },
  run: ({ node, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { pause } = await import('../../infra/faults/pause.ts');
      return pause.of({ node });
    }),
  text: (result, { language }) => faultText(result, language),
});

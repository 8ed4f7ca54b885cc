import { command } from '../command.ts';
import { faultText, forOption, nodeArgument, orderFault } from '../fault-order.ts';

export const faultKill = command({
  path: ['fault', 'kill'],
  summary: {
    ko: '노드를 SIGKILL로 죽임; 시간이 지나면 다시 시작',
    en: 'kill a node with SIGKILL; it is started again after the time',
  },
  impact: 'write',
  fields: { node: nodeArgument, forMs: forOption },
  run: ({ node, forMs }, context) =>
    orderFault(context, forMs, async () => {
      const { kill } = await import('../../infra/faults/kill.ts');
      return kill.of({ node });
    }),
  text: (result, { language }) => faultText(result, language),
});

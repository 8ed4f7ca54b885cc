import { faultKind } from './fault.ts';
import { bringBack, claimOf, nodeParameters, requireRunning } from './node-recovery.ts';

/** SIGSTOP of one node: it is there, its sockets accept, and nothing answers. Healed by SIGCONT. */
export const pause = faultKind({
  kind: 'pause',
  parameters: nodeParameters,
  target: ({ node }) => node,
  does: () => ({ ko: 'SIGSTOP으로 멈춤', en: 'frozen by SIGSTOP' }),
  claims: ({ node }) => [claimOf(node)],
  check: ({ node }, lab) => requireRunning(node, lab),
  inject: ({ node }, { stack }) => stack.pause(node),
  heal: ({ node }, lab, _phase, signal) => bringBack(node, lab, signal),
});

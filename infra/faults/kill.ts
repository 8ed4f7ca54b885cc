import { faultKind } from './fault.ts';
import { bringBack, claimOf, nodeParameters, requireRunning } from './node-recovery.ts';

/** SIGKILL of one node: it dies in the middle of whatever it does. Healed by a start. */
export const kill = faultKind({
  kind: 'kill',
  parameters: nodeParameters,
  target: ({ node }) => node,
  does: () => ({ ko: 'SIGKILL로 죽임', en: 'killed by SIGKILL' }),
  claims: ({ node }) => [claimOf(node)],
  check: ({ node }, lab) => requireRunning(node, lab),
  inject: ({ node }, { stack }) => stack.kill(node),
  heal: ({ node }, lab, _phase, signal) => bringBack(node, lab, signal),
});

import { faultKind } from './fault.ts';
import { bringBackStopped, claimOf, nodeParameters, requireRunning } from './node-recovery.ts';

/**
 * An orderly stop that is healed at once by whoever injects it. The lease is for the moment in between: a runner that
 * dies there leaves a node that is stopped.
 */
export const restart = faultKind({
  kind: 'restart',
  parameters: nodeParameters,
  target: ({ node }) => node,
  does: () => ({ ko: '재시작', en: 'restarted' }),
  claims: ({ node }) => [claimOf(node)],
  check: ({ node }, lab) => requireRunning(node, lab),
  inject: ({ node }, { stack }, _forMs, signal) => stack.stop(node, signal),
  heal: ({ node }, lab, phase, signal) => bringBackStopped(node, lab, phase, signal),
});

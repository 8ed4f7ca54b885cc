import { faultKind } from './fault.ts';
import { bringBackStopped, claimOf, nodeParameters, requireRunning } from './node-recovery.ts';

/** An orderly stop of one node, as a maintenance would: a broker hands its leaderships over first. Healed by a start. */
export const stop = faultKind({
  kind: 'stop',
  parameters: nodeParameters,
  target: ({ node }) => node,
  does: () => ({ ko: '정상 종료', en: 'stopped in order' }),
  claims: ({ node }) => [claimOf(node)],
  check: ({ node }, lab) => requireRunning(node, lab),
  inject: ({ node }, { stack }, _forMs, signal) => stack.stop(node, signal),
  heal: ({ node }, lab, phase, signal) => bringBackStopped(node, lab, phase, signal),
});

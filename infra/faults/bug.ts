import { z } from 'zod';
import { switchNames } from '../contract/switches.ts';
import { faultKind } from './fault.ts';
import { removeSwitch, scopeParameter, setSwitch, switchClaim } from './lab-switch.ts';
import { requireRunning } from './node-recovery.ts';

/** The handler of one event type is the build with the bug; healing deploys the fix. */
export const bug = faultKind({
  kind: 'bug',
  parameters: z.object({ ...scopeParameter, eventType: z.string() }),
  target: ({ eventType }) => eventType,
  does: () => ({ ko: '버그 있는 핸들러가 배포됨', en: 'handled by the build with the bug' }),
  claims: ({ scope, eventType }) => [switchClaim(scope, switchNames.bug(eventType))],
  outlivesStack: true,
  check: (_, lab) => requireRunning('mysql', lab),
  inject: ({ scope, eventType }, lab, forMs) =>
    setSwitch(lab, { scope, name: switchNames.bug(eventType), value: 'on', forMs }),
  heal: ({ scope, eventType }, lab) => removeSwitch(lab, { scope, name: switchNames.bug(eventType) }),
});

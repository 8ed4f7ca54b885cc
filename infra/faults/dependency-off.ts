import { z } from 'zod';
import { dependencies, switchNames } from '../contract/switches.ts';
import { faultKind } from './fault.ts';
import { removeSwitch, scopeParameter, setSwitch, switchClaim } from './lab-switch.ts';
import { requireRunning } from './node-recovery.ts';

/** Something that handlers ask for is switched off: what needs it fails and goes up the ladder. */
export const dependencyOff = faultKind({
  kind: 'dependency',
  parameters: z.object({ ...scopeParameter, dependency: z.enum(dependencies) }),
  target: ({ dependency }) => dependency,
  does: () => ({ ko: '의존 서비스 꺼짐', en: 'switched off' }),
  claims: ({ scope, dependency }) => [switchClaim(scope, switchNames.dependency(dependency))],
  outlivesStack: true,
  check: (_, lab) => requireRunning('mysql', lab),
  inject: ({ scope, dependency }, lab, forMs) =>
    setSwitch(lab, { scope, name: switchNames.dependency(dependency), value: 'off', forMs }),
  heal: ({ scope, dependency }, lab) => removeSwitch(lab, { scope, name: switchNames.dependency(dependency) }),
});

import { z } from 'zod';
import { switchNames } from '../contract/switches.ts';
import { faultKind } from './fault.ts';
import { removeSwitch, scopeParameter, setSwitch, switchClaim } from './lab-switch.ts';
import { requireRunning } from './node-recovery.ts';

const nameOf = ({ worker }: { readonly worker: string }): string => switchNames.slow(worker);

/** A worker's handler waits at each record, so that its lag grows. Healed when the switch is gone. */
export const slowConsumer = faultKind({
  kind: 'slow',
  parameters: z.object({ ...scopeParameter, worker: z.string(), byMs: z.number().positive() }),
  target: ({ worker }) => worker,
  does: ({ byMs }) => ({ ko: `레코드마다 ${byMs} ms 지연`, en: `waits ${byMs} ms at each record` }),
  claims: (parameters) => [switchClaim(parameters.scope, nameOf(parameters))],
  outlivesStack: true,
  check: (_, lab) => requireRunning('mysql', lab),
  inject: (parameters, lab, forMs) =>
    setSwitch(lab, { ...parameters, name: nameOf(parameters), value: String(parameters.byMs), forMs }),
  heal: (parameters, lab) => removeSwitch(lab, { ...parameters, name: nameOf(parameters) }),
});

import { z } from 'zod';
import { switchNames } from '../contract/switches.ts';
import { faultKind } from './fault.ts';
import { removeSwitch, scopeParameter, setSwitch, switchClaim } from './lab-switch.ts';
import { requireRunning } from './node-recovery.ts';

const name = switchNames.poison;

/** 0.07 × 100 is 7.000000000000001. */
const percent = (share: number): number => Number((share * 100).toFixed(2));

/** A share of the transfers carries bytes that nobody can decode. */
export const poison = faultKind({
  kind: 'poison',
  parameters: z.object({ ...scopeParameter, share: z.number().gt(0).max(1) }),
  target: () => 'transfer-writer',
  does: ({ share }) => ({
    ko: `이체의 ${percent(share)} %가 해독할 수 없는 이벤트`,
    en: `${percent(share)} % of the transfers cannot be decoded`,
  }),
  claims: ({ scope }) => [switchClaim(scope, name)],
  outlivesStack: true,
  check: (_, lab) => requireRunning('mysql', lab),
  inject: ({ scope, share }, lab, forMs) => setSwitch(lab, { scope, name, value: String(share), forMs }),
  heal: ({ scope }, lab) => removeSwitch(lab, { scope, name }),
});

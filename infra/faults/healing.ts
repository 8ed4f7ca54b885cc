import type { FaultLab } from './fault.ts';
import { faultsFolder } from './folder.ts';
import type { Healing } from './heal.ts';
import { reviveFault } from './index.ts';
import { type FaultStore, faultStore } from './store.ts';

export function storeOf({ config }: Pick<FaultLab, 'config'>): FaultStore {
  return faultStore(faultsFolder(config.stateDir));
}

/** Healing on the real lab, by what the lease itself says. */
export function healingOn(lab: FaultLab): Healing {
  return {
    store: storeOf(lab),
    clock: lab.clock,
    undo: async (lease, signal) => reviveFault(lease).heal(lab, lease.phase, signal),
  };
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where leases lie. Apart from their store, because every command looks here at its start: nothing is loaded for it. */
export function faultsFolder(stateDir: string): string {
  return join(stateDir, 'faults');
}

export const leaseSuffix = '.lease.json';

/** Ids of the faults that are not healed yet, in no order. */
export function leaseIds(folder: string): readonly string[] {
  try {
    return readdirSync(folder).flatMap((name) =>
      name.endsWith(leaseSuffix) ? [name.slice(0, -leaseSuffix.length)] : [],
    );
  } catch {
    return []; // no fault was ever injected
  }
}

import { type PlantedClass, toUnknownAccount } from '../domain/planting.ts';
import { legsInLockOrder, type Transfer } from '../domain/transfer.ts';
import type { PlannedTransfer } from './workload.ts';

/** Chooses the leg: the unknown account's own, else the first. */
export function plantInto(transfer: Transfer, planted: PlantedClass | undefined): PlannedTransfer {
  if (planted === undefined) return transfer;
  if (planted === 'validation') {
    const misdirected = toUnknownAccount(transfer);
    return { ...misdirected, planted: { accountId: misdirected.to, class: planted } };
  }
  return { ...transfer, planted: { accountId: legsInLockOrder(transfer)[0].accountId, class: planted } };
}

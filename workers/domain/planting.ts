import { createHash } from 'node:crypto';
import { eventTypes } from '../../infra/contract/envelope.ts';
import { seededRandom } from './random.ts';
import type { Transfer } from './transfer.ts';

/**
 * Transfers made so that the projector cannot handle one of their events, each in one class:
 * schema: bytes that are no event · validation: an account that does not exist (its ledger leg does) · transient: an event
 * type that needs the dependency · bug: the event type that a bad deploy breaks. The last two fail only while their
 * switch is on.
 */
export const plantedClasses = ['schema', 'validation', 'transient', 'bug'] as const;
export type PlantedClass = (typeof plantedClasses)[number];

export interface Planting {
  readonly seed: number;
  /** Of the transfers, 0 … 1. */
  readonly share: number;
  readonly classes: readonly PlantedClass[];
}

/** Which class the n-th transfer is planted in; undefined for a good one. A pure function, as the plan itself. */
export function plantedIn({ seed, share, classes }: Planting, index: number): PlantedClass | undefined {
  const random = seededRandom(seed * 7_368_787 + index);
  return random() < share ? classes[Math.floor(random() * classes.length)] : undefined;
}

/** Ids from here on belong to no account that was ever seeded. */
export const unknownAccountsFrom = 9_000_000_000_000n;

/** The same transfer, paying to an account that does not exist; which one depends on its transaction id alone. */
export function toUnknownAccount(transfer: Transfer): Transfer {
  const number = createHash('sha256').update(transfer.txId).digest().readUIntBE(0, 5);
  return { ...transfer, to: unknownAccountsFrom + BigInt(number) };
}

/** The event type of the leg that is planted. */
export function plantedEventType(planted: PlantedClass | undefined): string {
  if (planted === 'transient') return eventTypes.converted;
  return planted === 'bug' ? eventTypes.adjusted : eventTypes.changed;
}

import { type BalanceChanged, eventTypes } from '../../infra/contract/envelope.ts';
import type { Dependency } from '../../infra/contract/switches.ts';
import type { Switches } from '../host/switches.ts';

/** The event names an account that does not exist (yet). */
export class UnknownAccountError extends Error {
  override name = 'UnknownAccountError';
}

/** The event holds what the ledger cannot: it is no event of ours, whoever sent it. */
export class ValidationError extends Error {
  override name = 'ValidationError';
}

/** A service that this event's handling needs does not answer. */
export class DependencyUnavailableError extends Error {
  override name = 'DependencyUnavailableError';
}

/** What a handler needs beside the event. */
export interface Handling {
  readonly switches: Pick<Switches, 'isOff' | 'hasBug'>;
  readonly accountExists: (accountId: bigint) => boolean;
}

const needs: Readonly<Partial<Record<string, Dependency>>> = { [eventTypes.converted]: 'fx-rates' };

/**
 * What must hold before an event's effect is written. Never asked about an event that was processed already.
 * @throws ValidationError, UnknownAccountError, DependencyUnavailableError, or whatever a build with a bug throws.
 */
export function checkEvent(event: BalanceChanged, { switches, accountExists }: Handling): void {
  const problem = problemOf(event);
  if (problem !== undefined) throw new ValidationError(problem);
  if (switches.hasBug(event.eventType)) reasonCodeOf(event);
  const dependency = needs[event.eventType];
  if (dependency !== undefined && switches.isOff(dependency)) {
    throw new DependencyUnavailableError(`${dependency} does not answer`);
  }
  if (!accountExists(event.accountId)) throw new UnknownAccountError(`account ${event.accountId} does not exist`);
}

/** As the columns have it: ids are visible ASCII. */
const idPattern = /^[\x21-\x7e]{1,96}$/;

function problemOf({ dedupKey, accountSeq }: BalanceChanged): string | undefined {
  if (!idPattern.test(dedupKey)) return 'dedup_key is not of 1 to 96 visible ASCII characters';
  return accountSeq < 1n ? `account_seq ${accountSeq} is below 1` : undefined;
}

/** The bad deploy: it reads a field that no event has, as code does that was written against another schema. */
function reasonCodeOf(event: BalanceChanged): number {
  const { adjustment } = event as BalanceChanged & { readonly adjustment: { readonly reason: string } };
  return adjustment.reason.length;
}

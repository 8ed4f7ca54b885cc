import { dedupKeyOf } from '../../../infra/contract/dedup-key.ts';
import type { FinalState, LedgerLeg } from '../final-state.ts';
import type { History } from '../history.ts';

/** One event that must exist because its transfer was committed. */
export interface CommittedEvent {
  readonly txId: string;
  readonly accountId: bigint;
  readonly dedupKey: string;
}

/**
 * The events of all committed transfers: those the journal calls ok, and those whose outcome nobody was told and that
 * the ledger holds. An unknown outcome may be present or absent, and neither is an anomaly.
 */
export function committedEvents({ transfers }: History, { ledger }: FinalState): readonly CommittedEvent[] {
  const inLedger = new Set(ledger.map((leg) => leg.txId));
  const events: CommittedEvent[] = [];
  for (const { txId, from, to, outcome } of transfers.values()) {
    if (outcome === 'fail' || (outcome === 'info' && !inLedger.has(txId))) continue;
    for (const accountId of [from, to]) events.push({ txId, accountId, dedupKey: dedupKeyOf(txId, accountId) });
  }
  return events;
}

export function legsByDedupKey(ledger: readonly LedgerLeg[]): ReadonlyMap<string, LedgerLeg> {
  return new Map(ledger.map((leg) => [dedupKeyOf(leg.txId, leg.accountId), leg]));
}

/** Rows of one account, in the order given. */
export function byAccount<Row extends { readonly accountId: bigint }>(
  rows: readonly Row[],
): ReadonlyMap<bigint, Row[]> {
  const grouped = new Map<bigint, Row[]>();
  for (const row of rows) {
    const group = grouped.get(row.accountId);
    if (group === undefined) grouped.set(row.accountId, [row]);
    else group.push(row);
  }
  return grouped;
}

import { dedupKeyOf } from '../../infra/contract/dedup-key.ts';
import { type BalanceChanged, eventTypes } from '../../infra/contract/envelope.ts';
import { seededRandom } from './random.ts';

export interface Transfer {
  readonly txId: string;
  readonly from: bigint;
  readonly to: bigint;
  /** Minor units, positive. */
  readonly amount: bigint;
}

/** One leg of a transfer: the account's balance changes by delta. */
export interface Leg {
  readonly accountId: bigint;
  readonly delta: bigint;
}

/** Locked in ascending order of account id, whoever pays: two opposing transfers then wait instead of deadlocking. */
export function legsInLockOrder(transfer: Transfer): readonly [Leg, Leg] {
  const paying = { accountId: transfer.from, delta: -transfer.amount };
  const receiving = { accountId: transfer.to, delta: transfer.amount };
  return paying.accountId < receiving.accountId ? [paying, receiving] : [receiving, paying];
}

export interface TransferPlan {
  readonly runId: string;
  readonly seed: number;
  readonly firstAccount: number;
  readonly accounts: number;
}

/** The n-th transfer of a plan, n ≥ 0: a pure function, so that a restarted writer goes on where its journal ends. */
export function plannedTransfer(plan: TransferPlan, index: number): Transfer {
  const random = seededRandom(plan.seed * 1_000_003 + index);
  const from = Math.floor(random() * plan.accounts);
  const to = (from + 1 + Math.floor(random() * (plan.accounts - 1))) % plan.accounts;
  return {
    txId: `${plan.runId}-${String(index).padStart(8, '0')}`,
    from: BigInt(plan.firstAccount + from),
    to: BigInt(plan.firstAccount + to),
    amount: BigInt(1 + Math.floor(random() * 10_000)),
  };
}

/** @returns the index of a transaction id made by `plannedTransfer` for this run; undefined for any other. */
export function indexOf(runId: string, txId: string): number | undefined {
  if (!txId.startsWith(`${runId}-`)) return undefined;
  const index = Number(txId.slice(runId.length + 1));
  return Number.isInteger(index) ? index : undefined;
}

export function eventOf(
  leg: Leg,
  {
    txId,
    eventId,
    accountSeq,
    atMs,
    eventType = eventTypes.changed,
  }: { txId: string; eventId: string; accountSeq: bigint; atMs: number; eventType?: string },
): BalanceChanged {
  return {
    eventId,
    dedupKey: dedupKeyOf(txId, leg.accountId),
    eventType,
    schemaVersion: 1,
    occurredAtMs: atMs,
    traceId: txId,
    txId,
    accountId: leg.accountId,
    delta: leg.delta,
    accountSeq,
  };
}

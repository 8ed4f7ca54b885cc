import { dedupKeyOf } from '../../infra/contract/dedup-key.ts';
import { messageOf } from '../../infra/errors.ts';
import { errnoOf } from '../../infra/mysql/pool.ts';
import { CommitOutcomeUnknown } from '../../infra/mysql/transaction.ts';
import type { Transfer } from '../domain/transfer.ts';
import type { WorkerContext } from '../host/worker.ts';
import { type PlantedLeg, UnknownAccount } from './transfer.ts';

export interface Workload {
  /** Absent: goes on until stopped. */
  readonly count?: number;
  /** Absent: as fast as the database commits. */
  readonly transfersPerSecond?: number;
  readonly concurrency: number;
  readonly firstIndex: number;
}

export type PlannedTransfer = Transfer & { readonly planted?: PlantedLeg };

type Effects = Pick<WorkerContext, 'clock' | 'counters' | 'journal' | 'failpoint' | 'signal' | 'report' | 'clear'>;

/**
 * Runs transfers `firstIndex … count − 1`, each journalled before and after. With a rate, transfer n starts at its own due
 * time and never earlier; when the database is slower than the rate, they queue at most `concurrency` deep.
 */
export async function runWorkload(
  workload: Workload,
  plan: (index: number) => PlannedTransfer,
  commit: (transfer: PlannedTransfer, atMs: number) => Promise<void>,
  effects: Effects,
): Promise<void> {
  const { clock, signal } = effects;
  const startedAt = clock.monotonic();
  let next = workload.firstIndex;
  const lane = async (): Promise<void> => {
    while (!signal.aborted && (workload.count === undefined || next < workload.count)) {
      const index = next++;
      if (workload.transfersPerSecond !== undefined) {
        const dueAt = startedAt + ((index - workload.firstIndex) * 1_000) / workload.transfersPerSecond;
        const wait = dueAt - clock.monotonic();
        if (wait > 0) await clock.sleep(wait, signal).catch(() => {});
        if (signal.aborted) return;
      }
      await attempt(plan(index), commit, effects);
    }
  };
  await Promise.all(Array.from({ length: workload.concurrency }, lane));
}

const pauseAfterFailureMs = 200;

async function attempt(
  transfer: PlannedTransfer,
  commit: (transfer: PlannedTransfer, atMs: number) => Promise<void>,
  { clock, counters, journal, failpoint, report, clear }: Effects,
): Promise<void> {
  const { txId, from, to, amount, planted } = transfer;
  const atMs = clock.now();
  if (planted !== undefined) {
    const dedupKey = dedupKeyOf(txId, planted.accountId);
    journal.append({ kind: 'planted', txId, dedupKey, class: planted.class, at: atMs });
  }
  journal.append({ kind: 'invoke', txId, from: String(from), to: String(to), amount: String(amount), at: atMs });
  try {
    await commit(transfer, atMs);
    journal.append({ kind: 'ok', txId, at: clock.now() });
    counters.add('ok');
    clear('mysql');
    failpoint('writer.after-commit');
  } catch (error) {
    const outcome = error instanceof CommitOutcomeUnknown ? 'info' : 'fail';
    journal.append({ kind: outcome, txId, reason: messageOf(error), at: clock.now() });
    counters.add(outcome);
    if (error instanceof UnknownAccount || errnoOf(error) !== undefined) return;
    report({ key: 'mysql', message: `transfers fail: ${messageOf(error)}` });
    await clock.sleep(pauseAfterFailureMs);
  }
}

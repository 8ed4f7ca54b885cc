import type { FailpointPlan } from '../../../workers/protocol/messages.ts';
import type { WorkerSpec } from '../../../workers/supervisor/pipeline.ts';
import type { ArmPlan } from '../define.ts';

/** The workers that carry money from the outbox to the cache, and the ones that can be killed on the way. */
export const pipelineWorkers = ['outbox-relay', 'balance-projector', 'cache-invalidator'] as const;
export type PipelineWorker = (typeof pipelineWorkers)[number];

export interface TransferWorkload {
  /** Unique to the arm of this run: transaction ids begin with it. */
  readonly armId: string;
  readonly seed: number;
  readonly transfers: number;
  readonly accounts: number;
  /** Absent: as fast as the database commits. */
  readonly transfersPerSecond?: number;
  readonly concurrency: number;
  readonly batchSize: number;
  readonly readsPerSecond: number;
  readonly trace?: boolean;
  /** By worker, then by incarnation. */
  readonly failpoints?: Readonly<Partial<Record<PipelineWorker, readonly (readonly FailpointPlan[])[]>>>;
}

const firstAccount = 1;
/** Longer than any arm's settling: an entry must not age out before it is looked at. */
const cacheTtlMs = 300_000;
/** What a slow machine may need for one transfer of an unpaced workload, and for starting up. */
const slowestTransferMs = 50;
const startUpMs = 30_000;

/** Transfers through the whole path: writer, outbox, relay, topic, projector, invalidator, and a reader of the cache. */
export function transferPlan(workload: TransferWorkload): ArmPlan {
  const { transfers, accounts, transfersPerSecond, batchSize, trace = false, failpoints = {} } = workload;
  const range = { firstAccount, accounts };
  const carriers = pipelineWorkers.map((worker): WorkerSpec => {
    const planned = failpoints[worker];
    return {
      worker,
      name: worker,
      options: { batchSize, trace },
      ...(planned === undefined ? {} : { failpoints: planned }),
    };
  });
  const pacedMs = transfersPerSecond === undefined ? 0 : (transfers / transfersPerSecond) * 1_000;
  return {
    accounts: { first: firstAccount, count: accounts },
    transfers,
    services: [
      ...carriers,
      {
        worker: 'balance-reader',
        name: 'balance-reader',
        options: { ...range, readsPerSecond: workload.readsPerSecond, ttlMs: cacheTtlMs },
      },
    ],
    workload: {
      worker: 'transfer-writer',
      name: 'transfer-writer',
      options: {
        ...range,
        runId: workload.armId,
        seed: workload.seed,
        count: transfers,
        concurrency: workload.concurrency,
        ...(transfersPerSecond === undefined ? {} : { transfersPerSecond }),
      },
    },
    workloadTimeoutMs: startUpMs + Math.max(2 * pacedMs, transfers * slowestTransferMs),
  };
}

import type { PartitionLag } from '../probes/kafka/group-lag.ts';
import { known } from '../probes/reading.ts';

/** What a partition that is read and waits for nothing has beside its offsets. */
export const quietPartition = {
  lost: 0n,
  ahead: 0n,
  aheadReadings: 0,
  clientId: undefined,
  perSecond: undefined,
  waitedMs: 0,
  stillMs: 0,
  timeLagMs: known(null),
  deletedInMs: known(null),
  blockedMs: 0,
  progress: undefined,
  facts: undefined,
  watched: { logStart: undefined, lastStable: undefined },
} as const satisfies Partial<PartitionLag>;

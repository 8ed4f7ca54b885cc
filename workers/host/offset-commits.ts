import type { Clock } from '../../infra/clock.ts';

export interface PartitionOffset {
  readonly partition: number;
  /** The next offset to read, as Kafka stores it. */
  readonly offset: string;
}

/**
 * Commits offsets a few times a second for all partitions at once, always behind their effects. A commit a chunk would
 * cost the brokers more than the records do (each is a replicated write), and buys only fewer redeliveries after a crash,
 * which the consumer must absorb anyway.
 */
export interface OffsetCommits {
  /** The effects up to this offset are durable. Ignored for a partition that is no longer assigned. */
  done(progress: PartitionOffset): void;
  /** A new assignment: what was pending for other partitions is somebody else's now. */
  assigned(partitions: readonly number[]): void;
  flush(): Promise<void>;
  /** Stops the timer and commits what is pending. */
  stop(): Promise<void>;
}

const commitEveryMs = 250;

/** @param commit sends one OffsetCommit; when it fails, the offsets stay pending and go with the next one. */
export function openOffsetCommits(
  commit: (offsets: readonly PartitionOffset[]) => Promise<void>,
  { clock, onFailure }: { readonly clock: Clock; readonly onFailure: (error: unknown) => void },
): OffsetCommits {
  const pending = new Map<number, string>();
  let mine: ReadonlySet<number> = new Set();
  const flush = async (): Promise<void> => {
    const offsets = [...pending].map(([partition, offset]) => ({ partition, offset }));
    if (offsets.length === 0) return;
    try {
      await commit(offsets);
    } catch (error) {
      onFailure(error);
      return;
    }
    for (const { partition, offset } of offsets) if (pending.get(partition) === offset) pending.delete(partition);
  };
  const stopTimer = clock.every(commitEveryMs, flush);
  return {
    done({ partition, offset }) {
      if (mine.has(partition)) pending.set(partition, offset);
    },
    assigned(partitions) {
      mine = new Set(partitions);
      for (const partition of pending.keys()) if (!mine.has(partition)) pending.delete(partition);
    },
    flush,
    async stop() {
      stopTimer();
      await flush();
    },
  };
}

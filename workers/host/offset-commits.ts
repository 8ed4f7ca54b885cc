import type { Clock } from '../../infra/clock.ts';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
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
  assigned(partitions: readonly TopicPartition[]): void;
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
  const pending = new Map<string, PartitionOffset>();
  let mine: ReadonlySet<string> = new Set();
  const flush = async (): Promise<void> => {
    const offsets = [...pending.values()];
    if (offsets.length === 0) return;
    try {
      await commit(offsets);
    } catch (error) {
      onFailure(error);
      return;
    }
    for (const progress of offsets) if (pending.get(nameOf(progress)) === progress) pending.delete(nameOf(progress));
  };
  const stopTimer = clock.every(commitEveryMs, flush);
  return {
    done(progress) {
      if (mine.has(nameOf(progress))) pending.set(nameOf(progress), progress);
    },
    assigned(partitions) {
      mine = new Set(partitions.map(nameOf));
      for (const name of pending.keys()) if (!mine.has(name)) pending.delete(name);
    },
    flush,
    async stop() {
      stopTimer();
      await flush();
    },
  };
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

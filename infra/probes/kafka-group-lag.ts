import type { Part, Total } from './reading.ts';

export interface KafkaGroupLag {
  readonly groups: readonly GroupLag[];
}

export interface GroupLag {
  /** The role, as in the role map: `projector`. */
  readonly role: string;
  readonly groupId: string;
  readonly topic: string;
  /** Kafka's own word: Stable, Empty, PreparingRebalance, CompletingRebalance, Dead. */
  readonly state: Part<string>;
  readonly members: Part<readonly GroupMember[]>;
  /** Unknown when no broker could say which partitions there are. */
  readonly partitions: Part<readonly PartitionLag[]>;
  /** Records between committed and high watermark, over all partitions. */
  readonly lag: Total;
  /** Since the previous reading, over the partitions known in both; undefined without one. */
  readonly perSecond: { readonly produced: number; readonly consumed: number } | undefined;
}

export interface GroupMember {
  readonly memberId: string;
  /** `<scope>.<worker>.<pid>` for our workers. */
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly number[];
}

export interface PartitionLag {
  readonly partition: number;
  /** Node id of the leader; undefined: none. */
  readonly leader: number | undefined;
  /** null: the group has never committed here, everything from the log start on is before it. */
  readonly committed: Part<bigint | null>;
  readonly highWatermark: Part<bigint>;
  readonly lag: Part<bigint>;
  /** Client id of the member it is assigned to. */
  readonly clientId: string | undefined;
  /** Records that were there this long ago are still not committed: how long they have waited at least. */
  readonly waitedMs: number;
  /** How long the committed offset has not moved although records wait; 0 when it moves or nothing waits. */
  readonly stillMs: number;
  /** The high watermark and time that `waitedMs` and `stillMs` are counted from. */
  readonly mark: { readonly offset: bigint; readonly atMs: number; readonly committedMovedAtMs: number } | undefined;
}

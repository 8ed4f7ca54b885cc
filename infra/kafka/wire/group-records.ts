import { WireReader } from './bytes.ts';
import type { FetchedRecord } from './record-batches.ts';

/**
 * What the coordinators keep in __consumer_offsets (Kafka's group-coordinator/src/main/resources/common/message): a key
 * that begins with its type, and a value that begins with its version. Only what is asked about is read.
 */
export type GroupRecord = GroupGeneration | GroupCommit | GroupMember;

/** A classic group at the end of a rebalance, or when its last member has gone. */
export interface GroupGeneration {
  readonly kind: 'generation';
  readonly groupId: string;
  readonly atMs: number;
  readonly generation: number;
  /** null: the group has no members. */
  readonly assignor: string | null;
  readonly members: readonly GenerationMember[];
}

export interface GenerationMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly host: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

/** A member of a KIP-848 group, as it joined or changed. */
export interface GroupMember {
  readonly kind: 'member';
  readonly groupId: string;
  readonly atMs: number;
  readonly memberId: string;
  /** null: it has gone. */
  readonly rebalanceTimeoutMs: number | null;
}

export interface GroupCommit {
  readonly kind: 'commit';
  readonly groupId: string;
  readonly atMs: number;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

const offsetCommitKeys = [0, 1];
const groupMetadataKey = 2;
/** ConsumerGroupMemberMetadata. */
const memberMetadataKey = 5;
/** The first with compact strings and tagged fields. */
const flexibleFrom = 4;

/** @returns undefined for tombstones but those of members, for other kinds of record, and for what a later Kafka may write. */
export function groupRecord({ key, value, timestampMs }: FetchedRecord): GroupRecord | undefined {
  if (key === null || key.length < 2) return undefined;
  try {
    const reader = new WireReader(key);
    const type = reader.int16();
    const groupId = reader.string();
    if (type === memberMetadataKey) {
      const rebalanceTimeoutMs = value === null ? null : rebalanceTimeoutOf(new WireReader(value));
      return { kind: 'member', groupId, atMs: timestampMs, memberId: reader.string(), rebalanceTimeoutMs };
    }
    if (value === null) return undefined;
    if (type === groupMetadataKey) return generationOf(groupId, timestampMs, new WireReader(value));
    if (!offsetCommitKeys.includes(type)) return undefined;
    const topic = reader.string();
    const partition = reader.int32();
    const committed = new WireReader(value);
    committed.int16(); // version; each begins with the offset
    return { kind: 'commit', groupId, atMs: timestampMs, topic, partition, offset: committed.int64() };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function generationOf(groupId: string, atMs: number, reader: WireReader): GroupGeneration {
  const version = reader.int16();
  const flexible = version >= flexibleFrom;
  const text = (): string | null => (flexible ? reader.nullableCompactString() : reader.nullableString());
  text(); // protocol type
  const generation = reader.int32();
  const assignor = text();
  text(); // leader
  if (version >= 2) reader.int64(); // current state timestamp
  const member = (): GenerationMember => {
    const memberId = text() ?? '';
    if (version >= 3) text(); // group instance id
    const clientId = text() ?? '';
    const host = text() ?? '';
    const rebalanceTimeoutMs = version >= 1 ? reader.int32() : -1;
    const sessionTimeoutMs = reader.int32();
    for (let opaque = 0; opaque < 2; opaque++) flexible ? reader.compactByteString() : reader.byteString();
    return { memberId, clientId, host, sessionTimeoutMs, rebalanceTimeoutMs };
  };
  const members = flexible ? reader.compactArray(member) : reader.array(member);
  return { kind: 'generation', groupId, atMs, generation, assignor, members };
}

function rebalanceTimeoutOf(reader: WireReader): number {
  reader.int16(); // version
  for (let text = 0; text < 4; text++) reader.nullableCompactString(); // instance, rack, client id, host
  reader.compactList(() => reader.compactString()); // topics
  reader.nullableCompactString(); // their pattern
  return reader.int32();
}

/** The partition that keeps a group: the amount of Java's String.hashCode (Utils.abs), modulo the partitions. */
export function partitionOfGroup(groupId: string, partitions: number): number {
  let hash = 0;
  for (let at = 0; at < groupId.length; at++) hash = (Math.imul(hash, 31) + groupId.charCodeAt(at)) | 0;
  return (hash === -(2 ** 31) ? 0 : Math.abs(hash)) % partitions;
}

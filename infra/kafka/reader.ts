import { type Clock, systemClock } from '../clock.ts';
import type { Part } from '../probes/reading.ts';
import { Brokers } from './brokers.ts';
import { kafkaClient } from './client.ts';
import type { RecordPlace } from './fetch-record.ts';
import { type Looked, type LookOptions, lookThrough, type Stretch } from './find-records.ts';
import { type ByGroup, type GroupCommits, type GroupDescription, GroupsReader } from './read-groups.ts';
import {
  type ByTopic,
  type PartitionOffsets,
  type ReplicaLogEnd,
  readOffsets,
  readReplicaLogEnds,
} from './read-offsets.ts';
import { type PlaceContent, type RecordsOptions, readRecords } from './read-records.ts';
import { describeQuorum, type Quorum } from './wire/describe-quorum.ts';
import { type BrokerAddress, openLinks } from './wire/link.ts';
import type { OffsetKind } from './wire/list-offsets.ts';
import { type Metadata, metadata } from './wire/metadata.ts';

/** For connecting and for each request. */
const timeoutMs = 1_000;

/**
 * Reads Kafka and changes nothing. A broker that is down or a partition without leader makes exactly its own parts
 * unknown, never 0 and never an exception for the whole. Connections are made on first use, and anew after a failure.
 * One read has an effect that every Kafka client has: the first lookup of a coordinator in a cluster's life creates
 * __consumer_offsets.
 */
export class KafkaReader {
  readonly #brokers: Brokers;
  readonly #groups: GroupsReader;

  constructor(brokers: readonly BrokerAddress[], clock: Clock = systemClock) {
    const clientTimeouts = { connectionTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs };
    const kafka = kafkaClient({ brokers, clientId: 'labctl', ...clientTimeouts });
    this.#brokers = new Brokers(brokers, openLinks(kafka, { clock, timeoutMs }));
    this.#groups = new GroupsReader(this.#brokers);
  }

  /** The configured brokers, dead ones included, and every broker of the last metadata; `host:port`. */
  addresses(): readonly BrokerAddress[] {
    return this.#brokers.addresses();
  }

  /** As one broker sees the cluster. @param topics null for all. @throws EngineError when no broker answers. */
  async metadata(topics: readonly string[] | null): Promise<Metadata> {
    return this.#brokers.metadata(topics);
  }

  /** The brokers that this very broker sees alive: its round trip proves that it serves. @throws EngineError */
  async brokersSeenBy(address: BrokerAddress): Promise<Metadata['brokers']> {
    return (await this.#brokers.link(address).ask(metadata([]))).brokers;
  }

  /** One request a leader and kind. Missing or forbidden topics are unknown. @throws EngineError when none answers. */
  async offsets<Kind extends OffsetKind>(
    topics: readonly string[],
    kinds: readonly Kind[],
  ): Promise<ByTopic<PartitionOffsets<Kind>>> {
    return readOffsets(this.#brokers, topics, kinds);
  }

  /** Log end offset of each replica, told by its own broker. @throws EngineError when no broker answers. */
  async replicaLogEnds(topics: readonly string[]): Promise<ByTopic<ReplicaLogEnd>> {
    return readReplicaLogEnds(this.#brokers, topics);
  }

  /** All that the groups have committed, one request a coordinator. A group whose coordinator fails is unknown. */
  async committed(groupIds: readonly string[]): Promise<ByGroup<GroupCommits>> {
    return this.#groups.committed(groupIds);
  }

  /** State and members, one request a coordinator. A group whose coordinator fails is unknown. */
  async groups(groupIds: readonly string[]): Promise<ByGroup<GroupDescription>> {
    return this.#groups.describe(groupIds);
  }

  /**
   * The controllers' own view, which a broker gets from the active controller. On a connection of its own: while a broker
   * waits for a dead controller it answers nothing else there. @throws EngineError when no broker or controller answers.
   */
  async quorum(): Promise<Quorum> {
    return this.#brokers.askAny(describeQuorum(), 'quorum');
  }

  /** What stands at these offsets, a part a place, in their order. See {@link readRecords}. */
  async recordsAt<Kept>(
    places: readonly RecordPlace[],
    options: RecordsOptions<Kept>,
  ): Promise<readonly Part<PlaceContent<Kept>>[]> {
    return readRecords(this.#brokers, places, options);
  }

  /** Goes through the records of a stretch of time. See {@link lookThrough}. */
  async lookThrough(stretch: Stretch, options: LookOptions): Promise<Looked> {
    return lookThrough(this.#brokers, stretch, options);
  }

  async close(): Promise<void> {
    this.#brokers.close();
  }
}

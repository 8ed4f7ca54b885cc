import { type Clock, systemClock } from '../clock.ts';
import type { Part } from '../probes/reading.ts';
import type { KafkaSecurity } from '../stack/stack.ts';
import { Brokers } from './brokers.ts';
import { kafkaClient } from './client.ts';
import { type Looked, type LookOptions, lookThrough, type Stretch } from './find-records.ts';
import { Pace, rpcsPerBrokerMax } from './pace.ts';
import { type FetchAt, type FetchBytes, fetchBatches } from './read-batches.ts';
import { type GroupLog, type GroupLogPosition, readGroupLog } from './read-group-log.ts';
import { type ByGroup, type GroupCommits, type GroupDescription, type GroupList, GroupsReader } from './read-groups.ts';
import { type ByTopic, type PartitionOffsets, readOffsets } from './read-offsets.ts';
import { type PlaceSeen, readPlace } from './read-place.ts';
import { type PartitionPosition, type PositionsWanted, readPositions } from './read-positions.ts';
import { type PlaceContent, type RecordPlace, type RecordsOptions, readRecords } from './read-records.ts';
import { readSettings, type SettingsByName } from './read-settings.ts';
import {
  type BrokerTransactions,
  describeAt,
  fetchBatchesOf,
  type PartitionBatches,
  type ProducersOfPartition,
  readProducers,
  readTransactions,
} from './read-transactions.ts';
import { RpcCounter, type Rpcs } from './rpc-counter.ts';
import { describeQuorum, type Quorum } from './wire/describe-quorum.ts';
import type { DescribedTransaction } from './wire/describe-transactions.ts';
import type { FetchedPartition, FetchFrom } from './wire/fetch.ts';
import { type BrokerAddress, openLinks } from './wire/link.ts';
import type { OffsetKind, TopicPartitions } from './wire/list-offsets.ts';
import type { listTransactions } from './wire/list-transactions.ts';
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
  readonly #rpcs = new RpcCounter();
  /** For a sampler: what a tick costs each broker, all probes together. */
  readonly pace: Pace;

  constructor(brokers: readonly BrokerAddress[], clock: Clock = systemClock, security?: KafkaSecurity) {
    const clientTimeouts = { connectionTimeoutMs: timeoutMs, requestTimeoutMs: timeoutMs };
    const kafka = kafkaClient({ brokers, security, clientId: 'labctl', ...clientTimeouts });
    const pace = new Pace(clock);
    this.pace = pace;
    const admitted = (address: BrokerAddress) => pace.admitted(address);
    const onSend = (address: BrokerAddress): void => {
      this.#rpcs.sent(address);
      pace.sent(address);
    };
    const links = openLinks(kafka, { clock, timeoutMs, security, onSend, admitted });
    this.#brokers = new Brokers(brokers, links, pace);
    this.#groups = new GroupsReader(this.#brokers, pace);
  }

  /** Runs a read and counts what it asks of the brokers. */
  async counted<T>(read: () => Promise<T>): Promise<{ readonly value: T; readonly rpcs: Rpcs }> {
    const { value, rpcs } = await this.#rpcs.around(read);
    return { value, rpcs: this.pace.tick === undefined ? rpcs : { ...rpcs, mostInTick: this.pace.most() } };
  }

  /** Whether the counted read that goes on, and the tick in which it does, leave room for a request more on each broker. */
  hasRoom(): boolean {
    return this.#rpcs.soFar().mostOnOneBroker < rpcsPerBrokerMax && this.pace.hasRoom();
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
    seen?: Metadata,
  ): Promise<ByTopic<PartitionOffsets<Kind>>> {
    return readOffsets(this.#brokers, topics, kinds, seen);
  }

  /** Every group of the cluster, one request a broker. @param seen of this very moment. */
  async listGroups(seen: Metadata): Promise<GroupList> {
    return this.#groups.list(seen);
  }

  /** What stands at offsets, one request a leader, read uncommitted; unknown where its broker fails or READ is refused. */
  async batchesAt(
    from: readonly FetchAt[],
    bytesMax: FetchBytes,
  ): Promise<ReadonlyMap<string, Part<FetchedPartition>>> {
    return fetchBatches(this.#brokers, from, bytesMax);
  }

  /** What the coordinators wrote about groups: generations and commits. @param from `next` of the look before, or `groupLogStart`. */
  async groupLog(groupIds: readonly string[], from: GroupLogPosition): Promise<GroupLog> {
    return readGroupLog(this.#brokers, groupIds, from);
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

  /** What stands at one offset, markers and aborted records told from those that count. See {@link readPlace}. */
  async placeAt(place: RecordPlace): Promise<Part<PlaceSeen>> {
    return readPlace(this.#brokers, place);
  }

  /** Every offset of every partition, each replica's log end among them; at most four requests a broker. @throws EngineError when none answers. */
  async positions(wanted: PositionsWanted): Promise<ByTopic<PartitionPosition>> {
    return readPositions(this.#brokers, wanted);
  }

  /** Settings in effect, one request. Where they are not told, unknown. @throws EngineError when no broker answers. */
  async topicSettings(topics: readonly string[], settings: readonly string[]): Promise<SettingsByName> {
    return readSettings(this.#brokers, { resource: 'topic', names: topics }, settings);
  }

  /** What the coordinator does with groups (KIP-848), one request. @throws EngineError when no broker answers. */
  async groupSettings(groupIds: readonly string[], settings: readonly string[]): Promise<SettingsByName> {
    return readSettings(this.#brokers, { resource: 'group', names: groupIds }, settings);
  }

  /** Who has written to these partitions, told by their leaders. @throws EngineError when no broker answers. */
  async producers(partitions: readonly TopicPartitions[]): Promise<readonly ProducersOfPartition[]> {
    return readProducers(this.#brokers, partitions);
  }

  /** The transactions that each broker coordinates. A broker that fails is unknown. @throws EngineError when none answers. */
  async transactions(filter: Parameters<typeof listTransactions>[0]): Promise<readonly BrokerTransactions[]> {
    return readTransactions(this.#brokers, filter);
  }

  /** Transactions that this broker coordinates. @throws EngineError when it does not answer. */
  async describeTransactions(
    coordinator: BrokerAddress,
    transactionalIds: readonly string[],
  ): Promise<ReadonlyMap<string, Part<DescribedTransaction>>> {
    return describeAt(this.#brokers, coordinator, transactionalIds);
  }

  /** Batches from each of these offsets on, told by the leaders; `bytesMax` a partition. @throws EngineError when no broker answers. */
  async batches(from: readonly FetchFrom[], bytesMax: number): Promise<readonly PartitionBatches[]> {
    return fetchBatchesOf(this.#brokers, from, bytesMax);
  }

  /** Goes through the records of a stretch of time. See {@link lookThrough}. */
  async lookThrough(stretch: Stretch, options: LookOptions): Promise<Looked> {
    return lookThrough(this.#brokers, stretch, options);
  }

  async close(): Promise<void> {
    this.#brokers.close();
  }
}

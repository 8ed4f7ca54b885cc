import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import type { Pace } from './pace.ts';
import { describeConsumerGroups } from './wire/consumer-group-describe.ts';
import { type DescribedGroup, type DescribedMember, describeGroups } from './wire/describe-groups.ts';
import { findCoordinators } from './wire/find-coordinator.ts';
import { type BrokerAddress, unsupported } from './wire/link.ts';
import { type ListedGroup, listGroups } from './wire/list-groups.ts';
import type { Metadata } from './wire/metadata.ts';
import { fetchCommitted } from './wire/offset-fetch.ts';
import { groupIdNotFound, unknownFor, type WireRequest } from './wire/request.ts';

/** What a group has committed: topic → partition → next offset to read. Absent: never committed there. */
export type GroupCommits = ReadonlyMap<string, ReadonlyMap<number, Part<bigint>>>;

export interface GroupDescription {
  /** classic: the members' leader assigns. consumer: the coordinator does (KIP-848). */
  readonly type: GroupType;
  /** Stable, Empty, PreparingRebalance, CompletingRebalance (consumer: Assigning, Reconciling); Dead also where there is no such group. */
  readonly state: string;
  /** Empty while nothing is assigned. */
  readonly assignor: string;
  readonly epochs: DescribedGroup['epochs'];
  readonly members: readonly DescribedMember[];
}

export type GroupType = 'classic' | 'consumer';

export type ByGroup<Value> = ReadonlyMap<string, Part<Value>>;

export interface GroupList {
  readonly groups: readonly ListedGroup[];
  /** Brokers that gave no answer, with the reason: the groups that they coordinate are missing above. */
  readonly missing: readonly { readonly broker: BrokerAddress; readonly reason: string }[];
}

interface GroupAnswer {
  readonly groupId: string;
  readonly errorCode: number;
}

type GroupsRequest<Answer> = (groupIds: readonly string[]) => WireRequest<readonly Answer[]>;

/** Several probes want the list of groups: one of the latest ticks serves them all. */
const listedTicks = 4;

/** Remembers which broker coordinates which group, until it answers that it no longer does, or not at all. */
export class GroupsReader {
  readonly #brokers: Brokers;
  readonly #coordinators = new Map<string, BrokerAddress>();
  readonly #consumerType = new Set<string>();
  /** Several probes ask for the same groups in the same tick: one answer serves them all. */
  readonly #describing = new Map<string, Promise<ByGroup<GroupDescription>>>();

  /** The same for finding whom to ask. */
  readonly #finding = new Map<string, Promise<ByGroup<never>>>();

  readonly #pace: Pace;

  #listed: { readonly tick: number; readonly isPatient: boolean; readonly list: Promise<GroupList> } | undefined;

  constructor(brokers: Brokers, pace: Pace) {
    this.#brokers = brokers;
    this.#pace = pace;
  }

  /** The groups of a cluster, one request a broker, of a few ticks ago while a sampler ticks; what a broker lists it coordinates. */
  async list(seen: Metadata): Promise<GroupList> {
    const { tick } = this.#pace;
    const isPatient = this.#pace.isPatient();
    const before = this.#listed;
    if (tick !== undefined && before !== undefined && tick - before.tick < listedTicks) {
      // Whoever must not wait does not join one who does.
      if (isPatient || !before.isPatient) return before.list;
    }
    const list = this.#list(seen);
    if (tick !== undefined) this.#listed = { tick, isPatient, list };
    return list;
  }

  async #list({ brokers }: Metadata): Promise<GroupList> {
    const groups: ListedGroup[] = [];
    const missing: GroupList['missing'][number][] = [];
    await Promise.all(
      brokers.map(async ({ host, port }) => {
        const broker = `${host}:${port}`;
        try {
          const answer = await this.#brokers.link(broker).ask(listGroups());
          const refused = unknownFor(answer.errorCode);
          if (answer.errorCode !== 0 && !refused.known) missing.push({ broker, reason: refused.reason });
          for (const group of answer.groups) {
            groups.push(group);
            this.#coordinators.set(group.groupId, broker);
            if (group.type === 'consumer') this.#consumerType.add(group.groupId);
          }
        } catch (error) {
          if (!(error instanceof EngineError)) throw error;
          missing.push({ broker, reason: error.message });
        }
      }),
    );
    return { groups, missing };
  }

  async committed(groupIds: readonly string[]): Promise<ByGroup<GroupCommits>> {
    return this.#ask(groupIds, fetchCommitted, ({ partitions }) => {
      const commits = new Map<string, Map<number, Part<bigint>>>();
      for (const { topic, partition, errorCode, offset } of partitions) {
        if (errorCode === 0 && offset < 0n) continue;
        const ofTopic = commits.get(topic) ?? new Map<number, Part<bigint>>();
        commits.set(topic, ofTopic.set(partition, errorCode === 0 ? known(offset) : unknownFor(errorCode)));
      }
      return commits;
    });
  }

  async describe(groupIds: readonly string[]): Promise<ByGroup<GroupDescription>> {
    const groups = JSON.stringify([...groupIds].sort());
    const isPatient = this.#pace.isPatient();
    // Whoever must not wait does not join one who does.
    const joined = this.#describing.get(groups) ?? (isPatient ? this.#describing.get(`patient ${groups}`) : undefined);
    const describing = joined ?? this.#describe(groupIds);
    const name = isPatient ? `patient ${groups}` : groups;
    this.#describing.set(name, describing);
    return describing.finally(() => this.#describing.delete(name));
  }

  /** Groups known to be KIP-848 are asked about as such; the others as classic ones, and again when there is no such. */
  async #describe(groupIds: readonly string[]): Promise<ByGroup<GroupDescription>> {
    const isConsumer = (groupId: string): boolean => this.#consumerType.has(groupId);
    const [classic, consumer] = await Promise.all([
      this.#ask(
        groupIds.filter((groupId) => !isConsumer(groupId)),
        describeGroups,
        descriptionOf('classic'),
      ),
      this.#consumerGroups(groupIds.filter(isConsumer)),
    ]);
    const dead = [...classic].filter(([, part]) => part.known && part.value.state === 'Dead').map(([id]) => id);
    const second = await this.#consumerGroups(dead);
    const found = [...second].filter(([, part]) => part.known && part.value.state !== 'Dead');
    for (const [groupId] of found) this.#consumerType.add(groupId);
    return new Map([...classic, ...consumer, ...found]);
  }

  async #consumerGroups(groupIds: readonly string[]): Promise<ByGroup<GroupDescription>> {
    if (groupIds.length === 0) return new Map();
    const request: GroupsRequest<DescribedGroup> = describeConsumerGroups;
    const parts = await this.#ask(groupIds, request, descriptionOf('consumer'), noSuchGroup);
    for (const [groupId, part] of parts) {
      if (part.known && part.value.state === 'Dead') this.#consumerType.delete(groupId);
    }
    return parts;
  }

  /** One request a coordinator. A coordinator that fails makes its own groups unknown. */
  async #ask<Answer extends GroupAnswer, Value>(
    groupIds: readonly string[],
    request: GroupsRequest<Answer>,
    read: (answer: Answer) => Value,
    noSuch?: Value,
  ): Promise<ByGroup<Value>> {
    const unfound = await this.#findCoordinators(groupIds);
    const parts = new Map<string, Part<Value>>(unfound);
    const found = groupIds.filter((groupId) => !unfound.has(groupId));
    const byCoordinator = Map.groupBy(found, (groupId) => this.#coordinators.get(groupId) ?? '');
    const partOf = (answer: Answer): Part<Value> => {
      if (answer.errorCode === groupIdNotFound && noSuch !== undefined) return known(noSuch);
      return answer.errorCode === 0 ? known(read(answer)) : unknownFor(answer.errorCode);
    };
    const answered = await Promise.all(
      [...byCoordinator].map(([address, groups]) => this.#askCoordinator(address, groups, { request, partOf, noSuch })),
    );
    for (const [groupId, part] of answered.flat()) parts.set(groupId, part);
    return parts;
  }

  async #askCoordinator<Answer extends GroupAnswer, Value>(
    address: BrokerAddress,
    groupIds: readonly string[],
    how: {
      readonly request: GroupsRequest<Answer>;
      readonly partOf: (answer: Answer) => Part<Value>;
      readonly noSuch: Value | undefined;
    },
  ): Promise<readonly (readonly [string, Part<Value>])[]> {
    try {
      const answers = await this.#brokers.link(address).ask(how.request(groupIds));
      return answers.map((answer) => {
        if (isNotCoordinator(answer.errorCode)) this.#coordinators.delete(answer.groupId);
        return [answer.groupId, how.partOf(answer)] as const;
      });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      // A broker that is too old for a kind of group has none of that kind.
      const { noSuch } = how;
      if (error.code === unsupported && noSuch !== undefined) return groupIds.map((id) => [id, known(noSuch)] as const);
      for (const groupId of groupIds) this.#coordinators.delete(groupId);
      return groupIds.map((groupId) => [groupId, unknownPart(`its coordinator failed: ${error.message}`)] as const);
    }
  }

  /** Looks up those not known yet, all in one request. @returns the groups without one, with the reason. */
  async #findCoordinators(groupIds: readonly string[]): Promise<ByGroup<never>> {
    const wanted = groupIds.filter((groupId) => !this.#coordinators.has(groupId));
    if (wanted.length === 0) return new Map();
    const name = `${this.#pace.isPatient()} ${JSON.stringify(wanted)}`;
    const finding = this.#finding.get(name) ?? this.#lookUp(wanted);
    this.#finding.set(name, finding);
    return finding.finally(() => this.#finding.delete(name));
  }

  async #lookUp(wanted: readonly string[]): Promise<ByGroup<never>> {
    try {
      const unfound = new Map<string, Part<never>>();
      for (const { groupId, errorCode, host, port } of await this.#brokers.askAny(findCoordinators(wanted))) {
        if (errorCode === 0) this.#coordinators.set(groupId, `${host}:${port}`);
        else unfound.set(groupId, unknownFor(errorCode));
      }
      return unfound;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return new Map(wanted.map((groupId) => [groupId, unknownPart(error.message)]));
    }
  }
}

const noSuchGroup: GroupDescription = { type: 'consumer', state: 'Dead', assignor: '', epochs: undefined, members: [] };

const descriptionOf =
  (type: GroupType) =>
  ({ state, assignor, epochs, members }: DescribedGroup): GroupDescription => ({
    type,
    state,
    assignor,
    epochs,
    members,
  });

/** COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR: it moves. */
function isNotCoordinator(errorCode: number): boolean {
  return errorCode === 15 || errorCode === 16;
}

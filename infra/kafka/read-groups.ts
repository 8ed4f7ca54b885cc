import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type DescribedMember, describeGroups } from './wire/describe-groups.ts';
import { findCoordinators } from './wire/find-coordinator.ts';
import type { BrokerAddress } from './wire/link.ts';
import { fetchCommitted } from './wire/offset-fetch.ts';
import { unknownFor, type WireRequest } from './wire/request.ts';

/** What a group has committed: topic → partition → next offset to read. Absent: never committed there. */
export type GroupCommits = ReadonlyMap<string, ReadonlyMap<number, Part<bigint>>>;

export interface GroupDescription {
  /** Stable, Empty, PreparingRebalance, CompletingRebalance; Dead also where there is no such group. */
  readonly state: string;
  readonly members: readonly DescribedMember[];
}

export type ByGroup<Value> = ReadonlyMap<string, Part<Value>>;

/** Remembers which broker coordinates which group, until it answers that it no longer does, or not at all. */
export class GroupsReader {
  readonly #brokers: Brokers;
  readonly #coordinators = new Map<string, BrokerAddress>();

  constructor(brokers: Brokers) {
    this.#brokers = brokers;
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
    return this.#ask(groupIds, describeGroups, ({ state, members }) => ({ state, members }));
  }

  /** One request a coordinator. A coordinator that fails makes its own groups unknown. */
  async #ask<Answer extends { readonly groupId: string; readonly errorCode: number }, Value>(
    groupIds: readonly string[],
    request: (groupIds: readonly string[]) => WireRequest<readonly Answer[]>,
    read: (answer: Answer) => Value,
  ): Promise<ByGroup<Value>> {
    const unfound = await this.#findCoordinators(groupIds);
    const parts = new Map<string, Part<Value>>(unfound);
    const found = groupIds.filter((groupId) => !unfound.has(groupId));
    const byCoordinator = Map.groupBy(found, (groupId) => this.#coordinators.get(groupId) ?? '');
    const answered = await Promise.all(
      [...byCoordinator].map(([address, groups]) => this.#askCoordinator(address, groups, request, read)),
    );
    for (const [groupId, part] of answered.flat()) parts.set(groupId, part);
    return parts;
  }

  async #askCoordinator<Answer extends { readonly groupId: string; readonly errorCode: number }, Value>(
    address: BrokerAddress,
    groupIds: readonly string[],
    request: (groupIds: readonly string[]) => WireRequest<readonly Answer[]>,
    read: (answer: Answer) => Value,
  ): Promise<readonly (readonly [string, Part<Value>])[]> {
    try {
      const answers = await this.#brokers.link(address).ask(request(groupIds));
      return answers.map((answer) => {
        if (isNotCoordinator(answer.errorCode)) this.#coordinators.delete(answer.groupId);
        return [answer.groupId, answer.errorCode === 0 ? known(read(answer)) : unknownFor(answer.errorCode)] as const;
      });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      for (const groupId of groupIds) this.#coordinators.delete(groupId);
      return groupIds.map((groupId) => [groupId, unknownPart(`its coordinator failed: ${error.message}`)] as const);
    }
  }

  /** Looks up those not known yet, all in one request. @returns the groups without one, with the reason. */
  async #findCoordinators(groupIds: readonly string[]): Promise<ByGroup<never>> {
    const wanted = groupIds.filter((groupId) => !this.#coordinators.has(groupId));
    if (wanted.length === 0) return new Map();
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

/** COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR: it moves. */
function isNotCoordinator(errorCode: number): boolean {
  return errorCode === 15 || errorCode === 16;
}

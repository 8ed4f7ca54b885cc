import type { RoleMap } from '../../contract/role-map.ts';
import type { GroupList } from '../../kafka/read-groups.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import type { ListedGroup } from '../../kafka/wire/list-groups.ts';
import type { Metadata } from '../../kafka/wire/metadata.ts';

/** The groups that are mapped or, where none is, all of the cluster. */
export interface WatchedGroups {
  readonly groupIds: readonly string[];
  readonly wholeCluster: boolean;
  readonly missing: GroupList['missing'];
  /** Readings since the groups were listed. */
  readonly round: number;
  /** What the brokers have just been asked for, if they were. */
  readonly seen: Metadata | undefined;
  roleOf(groupId: string): string | undefined;
}

interface Before {
  readonly groups: readonly { readonly groupId: string }[];
  readonly missing: GroupList['missing'];
  readonly round: number;
}

/** The list of groups is asked for once in so many readings, and where there is no room for it, in one soon after. */
const listEvery = 5;
const listEveryMost = 15;

/** @throws EngineError when no broker answers. */
export async function watchedGroups(
  kafka: KafkaReader,
  mapped: RoleMap['groups'],
  before: Before | undefined,
): Promise<WatchedGroups> {
  const round = before === undefined ? 0 : before.round + 1;
  const roles = new Map(Object.entries(mapped).map(([role, { groupId }]) => [groupId, role] as const));
  const roleOf = (groupId: string): string | undefined => roles.get(groupId);
  if (roles.size > 0)
    return { groupIds: [...roles.keys()], wholeCluster: false, missing: [], round, seen: undefined, roleOf };
  const known = [...new Set(before?.groups.map(({ groupId }) => groupId))];
  const asBefore = (missing: GroupList['missing']): WatchedGroups => {
    return { groupIds: known, wholeCluster: true, missing, round, seen: undefined, roleOf };
  };
  if (before !== undefined && round < listEvery) return asBefore(before.missing);
  const seen = await kafka.metadata(null);
  // Looked for at the very moment: whoever has waited longer has taken its room by then.
  if (before !== undefined && round < listEveryMost && !kafka.hasRoom()) return { ...asBefore(before.missing), seen };
  const { groups, missing } = await kafka.pace.optionally(() => kafka.listGroups(seen));
  const now = groups.filter(isConsumerGroup).map(({ groupId }) => groupId);
  // Groups that a dead broker would have listed are not gone.
  const groupIds = missing.length > 0 ? [...new Set([...known, ...now])] : now;
  return { groupIds, wholeCluster: true, missing, round: 0, seen, roleOf };
}

/** Connect's workers, share and streams groups commit nothing that could lag. */
export const isConsumerGroup = ({ protocolType, type }: ListedGroup): boolean =>
  (protocolType === 'consumer' || protocolType === '') &&
  (type === undefined || type === 'classic' || type === 'consumer');

import type { Finding } from '../probe.ts';
import type { GroupLag, PartitionLag } from './group-lag.ts';

/** What the log itself does to a group: it holds records back, deletes them unread, or was cut off under it. */

/** A producer commits a transaction within a second or two; its timeout is a minute by default. */
const blockedWarningMs = 10_000;
/** A leader that has just been elected may name a high watermark that it has not caught up with. */
const aheadReadingsMin = 2;
/** Time for somebody to do something about it, or this share of what the topic keeps. */
const deletedSoonMs = 60 * 60_000;
const deletedSoonShare = 0.2;

/** A part of a finding's key, in which dots part the words. */
export const keyOf = (role: string): string => role.replaceAll('.', '_');

export const isAbandoned = ({ state }: GroupLag): boolean =>
  state.known && (state.value === 'Empty' || state.value === 'Dead');

const partitionsOf = ({ partitions }: GroupLag): readonly PartitionLag[] => (partitions.known ? partitions.value : []);
const numbersOf = (partitions: readonly PartitionLag[]): string =>
  partitions.map(({ partition }) => partition).join(', ');
const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((all, one) => all + one, 0n);

export const isBlocked = ({ split, blockedMs }: PartitionLag): boolean =>
  split.known && split.value.blocked > 0n && blockedMs >= blockedWarningMs;

export const isAhead = ({ ahead, aheadReadings }: PartitionLag): boolean =>
  ahead > 0n && aheadReadings >= aheadReadingsMin;

export function blockedFinding(group: GroupLag): Finding | undefined {
  const blocked = partitionsOf(group).filter(isBlocked);
  if (blocked.length === 0) return undefined;
  const { role, groupId, topic } = group;
  const records = sum(blocked.map(({ split }) => (split.known ? split.value.blocked : 0n)));
  const seconds = Math.round(Math.max(...blocked.map(({ blockedMs }) => blockedMs)) / 1000);
  return {
    key: `lag.${keyOf(role)}.blocked`,
    severity: 'warning',
    text: {
      ko: `그룹 ${groupId}: ${topic} 파티션 ${numbersOf(blocked)}의 ${records}건이 ${seconds}초째 열려 있는 트랜잭션에 막혀 읽히지 않음`,
      en: `group ${groupId}: ${records} records on partition ${numbersOf(blocked)} of ${topic} are held back by a transaction that has been open for ${seconds} s`,
    },
  };
}

export function lostFinding(group: GroupLag, wholeCluster: boolean): Finding | undefined {
  const lost = partitionsOf(group).filter((partition) => partition.lost > 0n);
  if (lost.length === 0) return undefined;
  const { role, groupId, topic } = group;
  const offsets = sum(lost.map((partition) => partition.lost));
  return {
    key: `lag.${keyOf(role)}.lost`,
    severity: wholeCluster && isAbandoned(group) ? 'warning' : 'critical',
    text: {
      ko: `그룹 ${groupId}이(가) 읽기 전에 ${topic} 파티션 ${numbersOf(lost)}의 오프셋 ${offsets}개를 보존 기간이 지워 버림`,
      en: `retention has deleted ${offsets} offsets on partition ${numbersOf(lost)} of ${topic} that group ${groupId} had not read`,
    },
  };
}

export function aheadFinding(group: GroupLag): Finding | undefined {
  const ahead = partitionsOf(group).filter(isAhead);
  if (ahead.length === 0) return undefined;
  const { role, groupId, topic } = group;
  const offsets = sum(ahead.map((partition) => partition.ahead));
  return {
    key: `lag.${keyOf(role)}.ahead`,
    severity: 'critical',
    text: {
      ko: `그룹 ${groupId}의 커밋이 ${topic} 파티션 ${numbersOf(ahead)}의 끝보다 ${offsets} 앞섬 (음수 지연): 로그가 잘렸거나 토픽이 다시 만들어짐`,
      en: `group ${groupId} has committed ${offsets} offsets beyond the end of partition ${numbersOf(ahead)} of ${topic} (a negative lag): the log was cut off, or the topic made anew`,
    },
  };
}

/** @returns the partitions whose oldest unread record is about to go. */
export function deletedSoon(group: GroupLag): readonly (PartitionLag & { readonly inMs: number })[] {
  return partitionsOf(group).flatMap((partition) => {
    const { deletedInMs, timeLagMs, lost } = partition;
    if (lost > 0n || !deletedInMs.known || deletedInMs.value === null) return [];
    const inMs = deletedInMs.value;
    const keptMs = timeLagMs.known && timeLagMs.value !== null ? timeLagMs.value + inMs : deletedSoonMs;
    return inMs < Math.min(deletedSoonMs, keptMs * deletedSoonShare) ? [{ ...partition, inMs }] : [];
  });
}

export function deletedSoonFinding(group: GroupLag): Finding | undefined {
  const soon = deletedSoon(group);
  if (soon.length === 0) return undefined;
  const { role, groupId, topic } = group;
  const seconds = Math.round(Math.min(...soon.map(({ inMs }) => inMs)) / 1000);
  return {
    key: `lag.${keyOf(role)}.retention`,
    severity: 'warning',
    text: {
      ko: `그룹 ${groupId}이(가) 읽지 않은 ${topic} 파티션 ${numbersOf(soon)}의 레코드가 ${seconds}초 뒤부터 보존 기간으로 지워질 수 있음`,
      en: `records on partition ${numbersOf(soon)} of ${topic} that group ${groupId} has not read may be deleted by retention from ${seconds} s on`,
    },
  };
}

import type { Finding } from '../probe.ts';
import type { GroupRebalances, KafkaRebalances } from './rebalances.ts';

/** A restart of one member is two rebalances, a rolling restart a few more. */
const stormPerMinute = 5;
/** Longer than a member may take to rejoin in most settings; whoever waits so long has no partitions. */
const stuckMs = 15_000;
/** Once is a restart. */
const returnedMin = 2;

const calmStates = ['Stable', 'Empty', 'Dead'];

export function judgeRebalances({ groups }: KafkaRebalances): readonly Finding[] {
  return groups.flatMap((group) =>
    [stuckFinding(group), stormFinding(group), returnedFinding(group)].filter((one) => one !== undefined),
  );
}

const keyOf = ({ role, groupId }: GroupRebalances): string => `rebalance.${(role ?? groupId).replaceAll('.', '_')}`;

function stuckFinding(group: GroupRebalances): Finding | undefined {
  const { groupId, state, stateSinceMs, seenAtMs } = group;
  const lastedMs = seenAtMs - stateSinceMs;
  if (!state.known || calmStates.includes(state.value) || lastedMs < stuckMs) return undefined;
  const seconds = Math.round(lastedMs / 1000);
  return {
    key: `${keyOf(group)}.stuck`,
    severity: 'critical',
    text: {
      ko: `그룹 ${groupId}의 리밸런스가 ${seconds}초째 끝나지 않음 (${state.value})`,
      en: `the rebalance of group ${groupId} has not ended for ${seconds} s (${state.value})`,
    },
  };
}

function stormFinding(group: GroupRebalances): Finding | undefined {
  const { groupId, lastMinute, unstableMs } = group;
  if (lastMinute < stormPerMinute) return undefined;
  const seconds = (unstableMs / 1000).toFixed(1);
  return {
    key: `${keyOf(group)}.storm`,
    severity: 'critical',
    text: {
      ko: `그룹 ${groupId}: 최근 1분에 리밸런스 ${lastMinute}번, 그중 ${seconds}초 동안 안정 상태가 아님`,
      en: `group ${groupId} has rebalanced ${lastMinute} times in the last minute and was not stable for ${seconds} s of it`,
    },
  };
}

function returnedFinding(group: GroupRebalances): Finding | undefined {
  const again = group.returned.filter(({ times }) => times >= returnedMin);
  if (again.length === 0) return undefined;
  const who = again.map(({ clientId, times }) => `${clientId} ×${times}`).join(', ');
  return {
    key: `${keyOf(group)}.returned`,
    severity: 'warning',
    text: {
      ko: `그룹 ${group.groupId}의 멤버가 최근 5분 동안 나갔다가 다시 들어옴 (${who}): 세션 타임아웃으로 쫓겨났거나 프로세스가 죽음`,
      en: `members of group ${group.groupId} have left and come back within 5 min (${who}): thrown out by the session timeout, or crashed`,
    },
  };
}

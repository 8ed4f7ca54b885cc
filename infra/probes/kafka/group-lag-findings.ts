import type { Text } from '../../text.ts';
import type { Finding } from '../probe.ts';
import type { GroupLag, KafkaGroupLag, PartitionLag } from './group-lag.ts';
import {
  aheadFinding,
  blockedFinding,
  deletedSoonFinding,
  isAbandoned,
  keyOf,
  lostFinding,
} from './group-lag-log-findings.ts';

/** Records that wait so long are not just being worked off: a busy group that keeps up commits within a second or two. */
const waitWarningMs = 10_000;
/** Longer than any session timeout of ours: a rebalance is no finding. */
const stillCriticalMs = 15_000;
/** At the present rate it would take longer than this to work off what lies there now. */
const drainWarningMs = 30_000;

export function judgeGroupLag({ groups, wholeCluster }: KafkaGroupLag): readonly Finding[] {
  return [
    ...leaderless(groups),
    ...groups.flatMap((group) =>
      [
        lagFinding(group, wholeCluster),
        blockedFinding(group),
        lostFinding(group, wholeCluster),
        aheadFinding(group),
        deletedSoonFinding(group),
      ].filter((finding) => finding !== undefined),
    ),
  ];
}

/** One finding a topic, not one a group: the groups share the trouble. */
function leaderless(groups: readonly GroupLag[]): readonly Finding[] {
  const byTopic = new Map(groups.map(({ topic, partitions }) => [topic, partitions]));
  return [...byTopic].flatMap(([topic, partitions]): Finding[] => {
    if (!partitions.known) return [];
    const headless = partitions.value.filter(({ leader }) => leader === undefined);
    if (headless.length === 0) return [];
    const names = headless.map(({ partition }) => partition).join(', ');
    const of = `${headless.length}/${partitions.value.length}`;
    return [
      {
        key: `leader.${topic}`,
        severity: 'critical',
        text: {
          ko: `${topic}의 파티션 ${of}개에 리더가 없음 (${names}): 쓰기도 읽기도 안 됨`,
          en: `${of} partitions of ${topic} have no leader (${names}): nothing can be written or read there`,
        },
      },
    ];
  });
}

/** At most one a group, the most telling: nobody there, a partition that stands still, or one that falls behind. */
function lagFinding(group: GroupLag, wholeCluster: boolean): Finding | undefined {
  // What is blocked or only markers is none of the consumer's fault.
  if (group.readable.atLeast === 0n) return undefined;
  if (isAbandoned(group)) return emptyFinding(group, wholeCluster);
  const partitions = group.partitions.known ? group.partitions.value : [];
  const stopped = partitions.filter((partition) => partition.lag.known && partition.stillMs >= stillCriticalMs);
  if (stopped.length > 0) return stoppedFinding(group, stopped);
  const waitMs = Math.max(0, ...partitions.map((partition) => (partition.lag.known ? partition.waitedMs : 0)));
  const drainMs = drainTimeMs(group);
  if (waitMs >= waitWarningMs || drainMs >= drainWarningMs) return behindFinding(group, waitMs, drainMs);
  return undefined;
}

function drainTimeMs({ readable, perSecond }: GroupLag): number {
  // Without progress in a short time nothing can be extrapolated; a standstill shows by its own age.
  if (perSecond === undefined || perSecond.consumed === 0) return 0;
  return (Number(readable.atLeast) / perSecond.consumed) * 1000;
}

/** Of a whole cluster nobody said which groups matter: one that somebody left behind is worth a look, no alarm. */
function emptyFinding({ role, groupId, topic, readable }: GroupLag, wholeCluster: boolean): Finding {
  const records = atLeast(readable);
  return {
    key: `lag.${keyOf(role)}.empty`,
    severity: wholeCluster ? 'warning' : 'critical',
    text: {
      ko: `그룹 ${groupId}에 멤버가 없는데 ${topic}에 레코드 ${records.ko}건이 밀려 있음`,
      en: `group ${groupId} has no members while ${records.en} records wait in ${topic}`,
    },
  };
}

function stoppedFinding({ role, groupId }: GroupLag, stopped: readonly PartitionLag[]): Finding {
  const names = stopped.map(({ partition }) => partition).join(', ');
  const seconds = Math.round(Math.max(...stopped.map((partition) => partition.stillMs)) / 1000);
  return {
    key: `lag.${keyOf(role)}.stopped`,
    severity: 'critical',
    text: {
      ko: `그룹 ${groupId}의 파티션 ${names}: 레코드가 있는데 ${seconds}초째 커밋이 없음`,
      en: `group ${groupId} has committed nothing on partition ${names} for ${seconds} s while records wait there`,
    },
  };
}

function behindFinding({ role, groupId, readable, hot }: GroupLag, waitMs: number, drainMs: number): Finding {
  const records = atLeast(readable);
  const wait = Math.round(waitMs / 1000);
  const drain = Math.round(drainMs / 1000);
  const skew = hotText(hot);
  return {
    key: `lag.${keyOf(role)}.behind`,
    severity: 'warning',
    text:
      waitMs >= waitWarningMs
        ? {
            ko: `그룹 ${groupId}이(가) 뒤처짐: ${records.ko}건이 밀렸고 ${wait}초 이상 기다림${skew.ko}`,
            en: `group ${groupId} falls behind: ${records.en} records wait, for ${wait} s or longer${skew.en}`,
          }
        : {
            ko: `그룹 ${groupId}이(가) 뒤처짐: ${records.ko}건, 지금 속도로는 해소까지 ${drain}초${skew.ko}`,
            en: `group ${groupId} is behind: ${records.en} records, ${drain} s of work at its present rate${skew.en}`,
          },
  };
}

/** A hot partition is no trouble by itself: it explains one. */
function hotText(hot: GroupLag['hot']): Text {
  if (hot === undefined) return { ko: '', en: '' };
  const share = Math.round(hot.share * 100);
  return hot.of === 'lag'
    ? { ko: `, 그중 ${share}%가 파티션 ${hot.partition}`, en: `, ${share} % of them on partition ${hot.partition}` }
    : {
        ko: `, 유입의 ${share}%가 파티션 ${hot.partition}`,
        en: `, ${share} % of what comes in goes to partition ${hot.partition}`,
      };
}

function atLeast({ atLeast, unknown }: GroupLag['lag']): Text {
  return unknown === 0 ? { ko: `${atLeast}`, en: `${atLeast}` } : { ko: `최소 ${atLeast}`, en: `at least ${atLeast}` };
}

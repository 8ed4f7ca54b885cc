import type { Finding } from '../probe.ts';
import type { KafkaOffsets, PartitionState, Standing, TopicOffsets } from './offsets.ts';

/** A transaction that ends and a follower that fetches close the gap within moments; so long it stands still. */
export const stillWarningMs = 10_000;
const stillCriticalMs = 60_000;

export function judgeOffsets({ topics }: KafkaOffsets): readonly Finding[] {
  return topics.flatMap((topic) => [...heldFinding(topic), ...unreplicatedFinding(topic)]);
}

/** Keys are dotted. */
const keyPart = (topic: string): string => topic.replaceAll('.', '-');

const standingIn = (
  { partitions }: TopicOffsets,
  gap: (partition: PartitionState) => Standing,
): readonly PartitionState[] =>
  partitions.known
    ? partitions.value.filter((one) => {
        const { records, stillMs } = gap(one);
        return records.known && records.value > 0n && stillMs >= stillWarningMs;
      })
    : [];

interface Stood {
  readonly names: string;
  readonly seconds: number;
  readonly records: bigint;
  readonly severity: Finding['severity'];
}

function stood(partitions: readonly PartitionState[], gap: (partition: PartitionState) => Standing): Stood {
  const gaps = partitions.map(gap);
  const longest = Math.max(...gaps.map(({ stillMs }) => stillMs));
  return {
    names: partitions.map(({ partition }) => partition).join(', '),
    seconds: Math.round(longest / 1000),
    records: gaps.reduce((sum, { records }) => sum + (records.known ? records.value : 0n), 0n),
    severity: longest >= stillCriticalMs ? 'critical' : 'warning',
  };
}

function heldFinding(topic: TopicOffsets): readonly Finding[] {
  const partitions = standingIn(topic, ({ held }) => held);
  if (partitions.length === 0) return [];
  const { names, seconds, records, severity } = stood(partitions, ({ held }) => held);
  return [
    {
      key: `offsets.held.${keyPart(topic.topic)}`,
      severity,
      text: {
        ko: `${topic.topic} 파티션 ${names}: 열린 트랜잭션 때문에 LSO가 ${seconds}초째 멈춤, read_committed 컨슈머가 ${records}건을 못 읽음`,
        en: `${topic.topic}, partition ${names}: an open transaction has held the LSO for ${seconds} s; ${records} records wait for read_committed consumers`,
      },
    },
  ];
}

function unreplicatedFinding(topic: TopicOffsets): readonly Finding[] {
  const partitions = standingIn(topic, ({ unreplicated }) => unreplicated);
  if (partitions.length === 0) return [];
  const { names, seconds, records, severity } = stood(partitions, ({ unreplicated }) => unreplicated);
  return [
    {
      key: `offsets.unreplicated.${keyPart(topic.topic)}`,
      severity,
      text: {
        ko: `${topic.topic} 파티션 ${names}: HW가 ${seconds}초째 멈춤, ${records}건이 복제되지 않아 아무도 못 읽고 리더가 죽으면 유실됨`,
        en: `${topic.topic}, partition ${names}: the high watermark has stood still for ${seconds} s; ${records} records are not replicated, nobody can read them, and they are lost if the leader dies`,
      },
    },
  ];
}

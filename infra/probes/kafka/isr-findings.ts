import type { Text } from '../../text.ts';
import type { Finding } from '../probe.ts';
import type { KafkaIsr } from './isr.ts';
import type { IsrState, PartitionHealth } from './isr-read.ts';
import { partitionNames } from './watched-topics.ts';

/** A follower that leaves and comes back so often within the window is about to take acks=all down with it. */
const flapsMin = 3;
const flapWindowMs = 5 * 60_000;

export function judgeIsr(value: KafkaIsr): readonly Finding[] {
  const { affected, counts } = value;
  const isWorse = ({ states }: PartitionHealth): boolean =>
    states.includes('leaderless') || states.includes('under-min-isr');
  const lacking = affected.filter((one) => one.states.includes('under-replicated') && !isWorse(one));
  return [
    ...stateFinding('leaderless', 'critical', affected, counts.leaderless, words.leaderless),
    ...stateFinding('under-min-isr', 'critical', affected, counts['under-min-isr'], words.underMinIsr),
    ...stateFinding('under-replicated', 'warning', lacking, lacking.length, words.underReplicated(missingOf(lacking))),
    ...internalFindings(value),
    ...flapping(value),
  ];
}

type Words = (count: number, names: Text) => Text;

const words = {
  leaderless: (count: number, names: Text): Text => ({
    ko: `파티션 ${count}개에 리더가 없음 (${names.ko}): 쓰기도 읽기도 안 됨`,
    en: `${count} partitions have no leader (${names.en}): nothing can be written or read there`,
  }),
  underMinIsr: (count: number, names: Text): Text => ({
    ko: `파티션 ${count}개의 ISR이 min.insync.replicas보다 적음 (${names.ko}): acks=all 쓰기가 거절됨`,
    en: `${count} partitions are below min.insync.replicas (${names.en}): writes with acks=all are refused`,
  }),
  underReplicated:
    (missing: readonly number[]): Words =>
    (count, names) => ({
      ko: `파티션 ${count}개의 복제가 모자람 (${names.ko}): ISR에서 빠진 브로커 ${missing.join(', ')}`,
      en: `${count} partitions are under-replicated (${names.en}): out of the ISR: broker ${missing.join(', ')}`,
    }),
};

function stateFinding(
  state: IsrState,
  severity: Finding['severity'],
  affected: readonly PartitionHealth[],
  count: number,
  text: Words,
): readonly Finding[] {
  if (count === 0) return [];
  const names = partitionNames(affected.filter(({ states }) => states.includes(state)));
  return [{ key: `isr.${state}`, severity, text: text(count, names) }];
}

/** Brokers that should be in an ISR and are not. */
export function missingOf(partitions: readonly Pick<PartitionHealth, 'replicas' | 'isr'>[]): readonly number[] {
  const missing = partitions.flatMap(({ replicas, isr }) => replicas.filter((id) => !isr.includes(id)));
  return [...new Set(missing)].sort((left, right) => left - right);
}

function internalFindings({ internal }: KafkaIsr): readonly Finding[] {
  return internal
    .filter(({ leaderless, underReplicated }) => leaderless + underReplicated > 0)
    .map(({ topic, partitions, leaderless, underReplicated }) => ({
      key: `isr.internal.${topic}`,
      severity: leaderless > 0 ? 'critical' : 'warning',
      text: {
        ko: `Kafka 내부 토픽 ${topic}: 파티션 ${partitions}개 중 리더 없음 ${leaderless}, 복제 모자람 ${underReplicated}`,
        en: `Kafka's own ${topic}: of ${partitions} partitions ${leaderless} without leader, ${underReplicated} under-replicated`,
      },
    }));
}

function flapping({ events, atMs }: KafkaIsr): readonly Finding[] {
  const recent = events.filter((event) => event.kind === 'shrink' && atMs - event.atMs <= flapWindowMs);
  const byPartition = Map.groupBy(recent, ({ topic, partition }) => `${topic}/${partition}`);
  const flapping = [...byPartition.values()].filter((shrinks) => shrinks.length >= flapsMin);
  if (flapping.length === 0) return [];
  const names = partitionNames(flapping.flatMap((shrinks) => shrinks.slice(0, 1)));
  const brokers = [...new Set(flapping.flat().flatMap((event) => event.brokers))].sort().join(', ');
  return [
    {
      key: 'isr.flapping',
      severity: 'warning',
      text: {
        ko: `브로커 ${brokers}이(가) 5분 사이 ISR에서 ${flapsMin}번 넘게 드나듦: ${names.ko}`,
        en: `broker ${brokers} left the ISR ${flapsMin} times or more within 5 min: ${names.en}`,
      },
    },
  ];
}

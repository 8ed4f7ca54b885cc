import { type KafkaIsr, kafkaIsr } from '../probes/kafka/isr.ts';
import { missingOf } from '../probes/kafka/isr-findings.ts';
import type { PartitionHealth } from '../probes/kafka/isr-read.ts';
import { kafkaCommand } from '../probes/native-commands.ts';
import type { Target } from '../target.ts';
import type { Text } from '../text.ts';
import type { Answer, Diagnosis, DiagnosisFinding, NextStep } from './diagnosis.ts';
import { readValue } from './read-probe.ts';

type Kind = 'leaderless' | 'under-min-isr' | 'under-replicated';

/** Which partitions can take no write, could lose one, or hang on a last replica; and whose absence it is. */
export const isr: Diagnosis = {
  id: 'isr',
  title: { ko: '복제와 ISR', en: 'Replicas and ISR' },
  question: {
    ko: '복제가 모자라거나 리더가 없는 파티션은 어디이고, 어느 브로커 때문인가?',
    en: 'which partitions lack replicas or a leader, and because of which broker?',
  },
  probes: ['kafka.isr', 'kafka.cluster'],
  narrowsBy: [],
  timeoutMs: 12_000,
  async ask(target, context): Promise<Answer> {
    const value = await readValue(kafkaIsr, target, context);
    const found = value.affected.flatMap((one) => {
      const kind = kindOf(one);
      return kind === undefined ? [] : [{ kind, one }];
    });
    const internal = internalFindings(value);
    const findings = [...found.map(({ kind, one }) => findingOf(kind, one)), ...internal];
    const countOf = (kind: Kind): number => findings.filter((finding) => finding.kind === kind).length;
    const couldNotSee = value.unknownTopics.length > 0 || value.minIsrUnknown > 0;
    const nothingThere = value.partitions + value.internal.reduce((sum, { partitions }) => sum + partitions, 0) === 0;
    return {
      status: findings.length > 0 ? 'finding' : couldNotSee || nothingThere ? 'unknown' : 'clean',
      counts: {
        topics: value.topics,
        partitions: value.partitions,
        leaderless: countOf('leaderless'),
        'under-min-isr': countOf('under-min-isr'),
        'under-replicated': countOf('under-replicated'),
        'at-min-isr': value.counts['at-min-isr'],
        unknownTopics: value.unknownTopics.length,
      },
      findings,
      explanation: explanationOf(value, findings.length, nothingThere),
      next: nextOf(
        target,
        found.map(({ one }) => one),
        findings.length > 0,
      ),
    };
  },
};

/** A partition is told of once, as the worst that it is. */
function kindOf({ states }: PartitionHealth): Kind | undefined {
  return (['leaderless', 'under-min-isr', 'under-replicated'] as const).find((kind) => states.includes(kind));
}

function findingOf(kind: Kind, one: PartitionHealth): DiagnosisFinding {
  const missing = missingOf([one]);
  return {
    key: `isr.${kind}.${one.topic}/${one.partition}`,
    kind,
    severity: kind === 'under-replicated' ? 'warning' : 'critical',
    text: textOf(kind, one, missing),
    evidence: [
      {
        topic: one.topic,
        partition: one.partition,
        leader: one.leader ?? null,
        replicas: one.replicas.join(','),
        isr: one.isr.join(','),
        out_of_isr: missing.join(','),
        offline: one.offline.join(','),
        min_isr: one.minIsr.known ? one.minIsr.value : `unknown: ${one.minIsr.reason}`,
      },
    ],
  };
}

function textOf(
  kind: Kind,
  { topic, partition, isr: inSync, replicas, minIsr }: PartitionHealth,
  missing: readonly number[],
): Text {
  const name = `${topic}/${partition}`;
  const out = missing.join(', ');
  const least = minIsr.known ? minIsr.value : '?';
  switch (kind) {
    case 'leaderless':
      return {
        ko: `${name}: 리더가 없음. 복제본 ${replicas.join(', ')} 중 하나가 돌아와야 읽고 쓸 수 있음`,
        en: `${name} has no leader: it is read and written again when one of its replicas ${replicas.join(', ')} is back`,
      };
    case 'under-min-isr':
      return {
        ko: `${name}: ISR ${inSync.length}개 < min.insync.replicas ${least}. acks=all 쓰기는 거절되고 HW가 멈춤 (빠진 브로커 ${out})`,
        en: `${name}: ${inSync.length} in sync, min.insync.replicas ${least}: writes with acks=all are refused and the high watermark stands still (out: broker ${out})`,
      };
    case 'under-replicated':
      return {
        ko: `${name}: 복제본 ${replicas.length}개 중 ${inSync.length}개만 동기화됨 (빠진 브로커 ${out})`,
        en: `${name}: ${inSync.length} of ${replicas.length} replicas are in sync (out: broker ${out})`,
      };
  }
}

function internalFindings({ internal }: KafkaIsr): readonly DiagnosisFinding[] {
  return internal
    .filter(({ leaderless }) => leaderless > 0)
    .map(({ topic, partitions, leaderless, underReplicated }) => ({
      key: `isr.internal.${topic}`,
      kind: 'leaderless',
      severity: 'critical',
      text: {
        ko: `Kafka 내부 토픽 ${topic}: 파티션 ${partitions}개 중 ${leaderless}개에 리더가 없음. 그 파티션을 쓰는 그룹이나 트랜잭션이 멈춤`,
        en: `Kafka's own ${topic}: ${leaderless} of ${partitions} partitions have no leader; groups or transactions kept there stand still`,
      },
      evidence: [{ topic, partitions, leaderless, under_replicated: underReplicated }],
    }));
}

function explanationOf(value: KafkaIsr, findings: number, nothingThere: boolean): Text {
  const { partitions, topics, unknownTopics, minIsrUnknown } = value;
  const ko: string[] = [];
  const en: string[] = [];
  if (nothingThere) {
    ko.push('볼 수 있는 파티션이 없습니다.');
    en.push('there was no partition to look at.');
  } else {
    ko.push(`토픽 ${topics}개의 파티션 ${partitions}개를 보았습니다.`);
    en.push(`looked at ${partitions} partitions of ${topics} topics.`);
    if (findings === 0) {
      ko.push('리더가 없거나 복제가 모자란 파티션은 보이지 않습니다.');
      en.push('none of them lacks a leader or a replica.');
    } else {
      ko.push('ISR에서 빠진 브로커가 죽었는지, 멈췄는지, 느린지 먼저 확인하십시오.');
      en.push('look first whether the brokers out of the ISR are dead, frozen or slow.');
    }
  }
  const [first] = unknownTopics;
  if (first !== undefined) {
    ko.push(`토픽 ${unknownTopics.length}개는 알 수 없습니다 (${first.topic}: ${first.reason}).`);
    en.push(`${unknownTopics.length} topics are unknown (${first.topic}: ${first.reason}).`);
  }
  if (minIsrUnknown > 0) {
    ko.push(`토픽 ${minIsrUnknown}개는 min.insync.replicas를 읽지 못해 minISR 미달 여부를 알 수 없습니다.`);
    en.push(`min.insync.replicas of ${minIsrUnknown} topics could not be read: whether they are below it is unknown.`);
  }
  return { ko: ko.join(' '), en: en.join(' ') };
}

function nextOf(target: Target, found: readonly PartitionHealth[], isFinding: boolean): readonly NextStep[] {
  if (!isFinding) return [];
  const [first] = found;
  return [
    {
      text: { ko: '어느 브로커가 응답하지 않는지', en: 'which broker does not serve' },
      command: 'labctl get kafka.cluster',
    },
    { text: { ko: 'ISR 변화를 지켜보기', en: 'watch the ISR' }, command: 'labctl get kafka.isr --watch' },
    ...(first === undefined
      ? []
      : [
          {
            text: { ko: 'Kafka 도구로 확인', en: "confirm with Kafka's own tool" },
            command: kafkaCommand(target, 'kafka-topics', `--describe --topic ${first.topic}`),
          },
        ]),
  ];
}

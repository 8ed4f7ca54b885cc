import { EngineError } from '../errors.ts';
import { placeName } from '../kafka/place-name.ts';
import { type KafkaTransactions, kafkaTransactions } from '../probes/kafka/transactions.ts';
import { holdsReaders, isLate, shownId } from '../probes/kafka/transactions-findings.ts';
import { firstHeldBy, type HeldPartition } from '../probes/kafka/transactions-held.ts';
import type { HangingTransaction, OpenTransaction } from '../probes/kafka/transactions-read.ts';
import { partitionNames, watchedTopics } from '../probes/kafka/watched-topics.ts';
import { kafkaCommand } from '../probes/native-commands.ts';
import type { Target } from '../target.ts';
import { abortedStretches, type LookedAt } from './aborted-stretches.ts';
import type { Answer, Diagnosis, DiagnosisFinding, EvidenceRow, NextStep } from './diagnosis.ts';
import { readValue } from './read-probe.ts';
import { explainTransactions } from './transactions-explained.ts';

/** Why those who read committed stand still, or seem to skip offsets. */
export const transactions: Diagnosis = {
  id: 'transactions',
  title: { ko: '트랜잭션과 LSO 정체', en: 'Transactions and a stalled LSO' },
  question: {
    ko: 'read_committed 컨슈머가 왜 멈췄거나 건너뛰는가: 어느 트랜잭션이 언제부터 열려 있는가?',
    en: 'why do read_committed consumers stand still or skip: which transaction is open, and since when?',
  },
  probes: ['kafka.transactions', 'kafka.offsets'],
  narrowsBy: [],
  timeoutMs: 15_000,
  async ask(target, context): Promise<Answer> {
    const value = await readValue(kafkaTransactions, target, context, { moving: false });
    const skipped = await skippedOf(target);
    const waiting = value.open.filter(holdsReaders);
    const findings = [
      ...value.hanging.map((one) => hangingFinding(one)),
      ...waiting.map((one) => openFinding(one, value.held)),
    ];
    const countOf = (kind: string): number => findings.filter((finding) => finding.kind === kind).length;
    return {
      status: findings.length > 0 ? 'finding' : isUnseen(value) ? 'unknown' : 'clean',
      counts: {
        partitions: value.partitions.checked,
        unknownPartitions: value.partitions.unknown.length,
        openTransactions: value.open.length,
        heldPartitions: value.held.length,
        hanging: countOf('hanging'),
        late: countOf('late'),
        open: countOf('open'),
        abortedRecords: skipped.aborted,
        markers: skipped.markers,
        offsetsLookedAt: Number(skipped.offsets),
      },
      findings,
      explanation: explainTransactions(value, skipped),
      next: nextOf(target, value, waiting),
    };
  },
};

/** Nothing was there to check, or a part that could have hidden something was not told. */
const isUnseen = ({ partitions, unsure, silent, held, open }: KafkaTransactions): boolean =>
  partitions.checked === 0 ||
  partitions.unknown.length > 0 ||
  unsure.length > 0 ||
  silent.length > 0 ||
  held.some(({ producers }) => !producers.known) ||
  open.some(({ holds, openForMs }) => holds.length > 0 && !openForMs.known);

/** An explanation only: what was found stands without it. */
async function skippedOf(target: Target): Promise<LookedAt> {
  try {
    const positions = await target.kafka.positions({ topics: watchedTopics(target), logStart: true });
    const known = [...positions].flatMap(([topic, partitions]) =>
      partitions.known ? partitions.value.map((one) => ({ ...one, topic })) : [],
    );
    return await abortedStretches(target, known);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { stretches: [], offsets: 0n, aborted: 0, markers: 0, unknown: 1 };
  }
}

/** Who waits, as evidence: one row a group. */
function waitingRows(groups: HeldPartition['groups']): readonly EvidenceRow[] {
  if (!groups.known) return [];
  return groups.value
    .filter(({ waits }) => !waits.known || waits.value > 0n)
    .map(({ groupId, committed, waits }) => ({
      group: groupId,
      committed: committed.known ? (committed.value === null ? null : String(committed.value)) : 'unknown',
      waits_for_records: waits.known ? String(waits.value) : 'unknown',
    }));
}

function hangingFinding(one: HangingTransaction): DiagnosisFinding {
  const place = `${one.topic}/${one.partition}`;
  const since = new Date(one.lastTimestampMs).toISOString();
  return {
    key: `transactions.hanging.${place}.${one.producerId}`,
    kind: 'hanging',
    severity: 'critical',
    text: {
      ko: `${place}: 프로듀서 ${one.producerId}(에포크 ${one.producerEpoch})의 트랜잭션이 오프셋 ${one.startOffset}부터 열린 채이고 코디네이터는 이를 모름. ${one.records}건이 막혀 있으며 저절로 풀리지 않음 (마지막 기록 ${since})`,
      en: `${place}: a transaction of producer ${one.producerId} (epoch ${one.producerEpoch}) is open from offset ${one.startOffset} and its coordinator does not know it; ${one.records} records are held and nothing will free them (last written ${since})`,
    },
    evidence: [
      {
        topic: one.topic,
        partition: one.partition,
        producer_id: String(one.producerId),
        producer_epoch: one.producerEpoch,
        coordinator_epoch: one.coordinatorEpoch,
        start_offset: String(one.startOffset),
        last_timestamp: since,
        records_held: String(one.records),
        transactional_id: one.transactionalId === null ? null : shownId(one.transactionalId),
        coordinator_state: one.coordinatorState,
      },
      ...waitingRows(one.groups),
    ],
    trace: placeName({ ...one, offset: one.startOffset }),
  };
}

function openFinding(one: OpenTransaction, held: readonly HeldPartition[]): DiagnosisFinding {
  const late = isLate(one);
  const seconds = one.openForMs.known ? Math.round(one.openForMs.value / 1000) : 0;
  const timeout = Math.round(one.timeoutMs / 1000);
  const id = shownId(one.transactionalId);
  const names = partitionNames(one.holds);
  const first = firstHeldBy(one, held);
  const places = held.filter(({ topic, partition }) =>
    one.holds.some((place) => place.topic === topic && place.partition === partition),
  );
  return {
    key: `transactions.open.${id}`,
    kind: late ? 'late' : 'open',
    severity: late ? 'critical' : 'warning',
    text: late
      ? {
          ko: `${id}: ${seconds}초째 열려 있음. 타임아웃 ${timeout}초가 지났는데 코디네이터 ${one.coordinator}이(가) abort하지 못함 (${one.state}; ${names.ko})`,
          en: `${id} has been open for ${seconds} s: past its timeout of ${timeout} s, and coordinator ${one.coordinator} has not aborted it (${one.state}; ${names.en})`,
        }
      : {
          ko: `${id}: ${seconds}초째 열려 있어 ${names.ko}의 read_committed 컨슈머가 기다림. commit이나 abort가 없으면 ${timeout}초에 코디네이터가 abort함`,
          en: `${id} has been open for ${seconds} s and read_committed consumers of ${names.en} wait; without a commit or an abort the coordinator aborts it at ${timeout} s`,
        },
    evidence: [
      {
        transactional_id: id,
        state: one.state,
        producer_id: String(one.producerId),
        producer_epoch: one.producerEpoch,
        coordinator: one.coordinator,
        open_since: new Date(one.startMs).toISOString(),
        open_seconds: seconds,
        timeout_seconds: timeout,
      },
      ...places.flatMap((place) => [
        {
          topic: place.topic,
          partition: place.partition,
          last_stable_offset: String(place.lastStable),
          high_watermark: String(place.highWatermark),
          start_offset: startOf(place, one.producerId),
        },
        ...waitingRows(place.groups),
      ]),
    ],
    ...(first === undefined ? {} : { trace: placeName(first) }),
  };
}

function startOf({ producers }: HeldPartition, producerId: bigint): string {
  const producer = producers.known ? producers.value.find((one) => one.producerId === producerId) : undefined;
  return producer === undefined ? 'unknown' : String(producer.startOffset);
}

/**
 * Only what its coordinator does not know may be aborted from outside: an owner whose transaction is still known could
 * commit after the marker, be told that it did, and lose its records.
 */
function nextOf(
  target: Target,
  { hanging }: KafkaTransactions,
  waiting: readonly OpenTransaction[],
): readonly NextStep[] {
  return [
    ...hanging.slice(0, 10).map(({ topic, partition, startOffset }) => ({
      text: {
        ko: `${topic}/${partition}의 멈춘 트랜잭션을 abort (그 레코드는 버려짐)`,
        en: `abort the hanging transaction of ${topic}/${partition}; its records are given up`,
      },
      command: kafkaCommand(
        target,
        'kafka-transactions',
        `abort --topic ${topic} --partition ${partition} --start-offset ${startOffset}`,
      ),
    })),
    ...waiting.slice(0, 3).map(({ transactionalId }) => ({
      text: {
        ko: '주인 프로세스를 찾아 commit이나 abort를 시키기: 코디네이터가 아는 트랜잭션은 밖에서 abort하지 않음',
        en: 'find its owner and have it commit or abort; what its coordinator knows is not aborted from outside',
      },
      command: kafkaCommand(
        target,
        'kafka-transactions',
        `describe --transactional-id '${shownId(transactionalId).replaceAll("'", `'\\''`)}'`,
      ),
    })),
  ];
}

import { printable } from '../../text.ts';
import type { Finding } from '../probe.ts';
import type { KafkaTransactions } from './transactions.ts';
import type { HangingTransaction, OpenTransaction } from './transactions-read.ts';
import { partitionNames } from './watched-topics.ts';

/** Those who read committed wait so long for its records, and for all behind them. */
const openWarningMs = 10_000;
/** The coordinator looks for those past their timeout every 10 s (transaction.abort.timed.out.transaction.cleanup.interval.ms). */
const lateGraceMs = 30_000;
const idCellsMax = 120;

/** Open for long while it holds records back; one without records harms nobody. */
export const holdsReaders = ({ openForMs, holds }: OpenTransaction): boolean =>
  holds.length > 0 && openForMs.known && openForMs.value >= openWarningMs;

/** Its coordinator should have aborted it and has not. */
export const isLate = ({ openForMs, timeoutMs }: OpenTransaction): boolean =>
  openForMs.known && openForMs.value > timeoutMs + lateGraceMs;

/** A transactional id is free text of whoever chose it. */
export const shownId = (id: string): string => {
  const clean = printable(id).replaceAll(/\s+/g, ' ');
  return clean.length > idCellsMax ? `${clean.slice(0, idCellsMax)}…` : clean;
};

export function judgeTransactions({ open, hanging }: KafkaTransactions): readonly Finding[] {
  const byProducer = Map.groupBy(hanging, ({ producerId }) => producerId);
  return [
    ...[...byProducer].map(([producerId, places]) => hangingFinding(producerId, places)),
    ...open.filter(holdsReaders).map(openFinding),
  ];
}

function hangingFinding(producerId: bigint, places: readonly HangingTransaction[]): Finding {
  const names = partitionNames(places);
  const records = places.reduce((sum, one) => sum + one.records, 0n);
  return {
    key: `transactions.hanging.${producerId}`,
    severity: 'critical',
    text: {
      ko: `프로듀서 ${producerId}의 멈춘 트랜잭션: ${names.ko}에서 ${records}건을 막고 있고, 아무 코디네이터도 끝내 주지 않음`,
      en: `a hanging transaction of producer ${producerId} holds ${records} records in ${names.en}, and no coordinator will end it`,
    },
  };
}

function openFinding(one: OpenTransaction): Finding {
  const seconds = one.openForMs.known ? Math.round(one.openForMs.value / 1000) : 0;
  const names = partitionNames(one.holds);
  const id = shownId(one.transactionalId);
  const timeout = Math.round(one.timeoutMs / 1000);
  const late = isLate(one);
  return {
    key: `transactions.open.${one.producerId}`,
    severity: late ? 'critical' : 'warning',
    text: {
      ko: `트랜잭션 ${id}이(가) ${seconds}초째 열려 있어 ${names.ko}의 read_committed 컨슈머가 기다림 (${late ? '타임아웃이 지났는데도 abort되지 않음' : `타임아웃 ${timeout}초`})`,
      en: `transaction ${id} has been open for ${seconds} s; read_committed consumers of ${names.en} wait (${late ? 'past its timeout and not aborted' : `timeout ${timeout} s`})`,
    },
  };
}

import { kafkaCommand, mysqlCommand } from '../native-commands.ts';
import type { RowCount } from '../pipeline/outbox-backlog.ts';
import type { NativeCommand, Probe } from '../probe.ts';
import { notMapped, type Part, type Total, UnknownValue } from '../reading.ts';
import { dlqFindings } from './groups-findings.ts';
import { groupsSql, readGroups } from './groups-read.ts';
import { ladderSql, type RetryLadder, readLadder } from './retry-ladder.ts';
import { readUnindexed, type Unindexed } from './unindexed.ts';

export interface DlqGroups {
  /** Most arrivals of the last minute first, then the largest. */
  readonly groups: readonly DeadLetterGroup[];
  /** Counted over the newest rows up to a limit: then there are at least so many, here, in the groups and the classes. */
  readonly deadLetters: RowCount;
  /** Records in the DLQ that these rows stand for: a crash may publish a dead letter twice. */
  readonly copies: bigint;
  readonly byClass: readonly { readonly class: string; readonly rows: number; readonly copies: bigint }[];
  /** Indexed within the last minute, by MySQL's clock. */
  readonly lastMinute: number;
  /** Indexed since the previous reading; undefined without one. */
  readonly perSecond: number | undefined;
  /** Records of the DLQ's topic that are not indexed yet. */
  readonly unindexed: Part<Unindexed>;
  readonly ladder: Part<RetryLadder>;
  /** MySQL's NOW(6) of this reading, and the newest row: the next reading counts from here. */
  readonly databaseTime: string;
  readonly newestId: bigint;
}

/** Dead letters that died of the same thing. */
export interface DeadLetterGroup {
  readonly fingerprint: string;
  /** Row of the newest one. */
  readonly newestId: bigint;
  readonly class: string;
  readonly exception: string;
  /** null: neither decodable nor in its headers. */
  readonly eventType: string | null;
  readonly rows: number;
  readonly copies: bigint;
  readonly newestMessage: string;
  /** Of the newest one; null where it could not be decoded, or the target does not keep it. */
  readonly newestDedupKey: string | null;
  readonly distinctMessages: number;
  /** Since the newest and the oldest of them died. */
  readonly newestAgeMs: Part<number>;
  readonly oldestAgeMs: Part<number>;
  /** Indexed within a minute: up to now, and up to the previous reading; undefined without one. */
  readonly perMinute: { readonly now: number; readonly before: number | undefined };
}

export const dlqGroups: Probe<DlqGroups> = {
  id: 'dlq.groups',
  title: { ko: '데드 레터와 재시도', en: 'Dead letters and retries' },
  cost: 'slow',
  timeoutMs: 4_000,
  async read(target, { previous, nowMs }) {
    const { mysql, kafka, roles } = target;
    if (roles.deadLetters === undefined) throw new UnknownValue(notMapped);
    const before = previous?.value;
    const [dead, ladder, unindexed] = await Promise.all([
      readGroups(mysql, roles.deadLetters, before),
      readLadder(mysql, roles),
      readUnindexed({ mysql, kafka, roles }, before?.unindexed, nowMs),
    ]);
    return { ...dead, ladder, unindexed };
  },
  judge: dlqFindings,
  numbers({ deadLetters, lastMinute, perSecond, unindexed, ladder }) {
    return {
      deadLetters: deadLetters.rows,
      lastMinute,
      ...(perSecond === undefined ? {} : { perSecond }),
      ...(unindexed.known && unindexed.value.records.unknown === 0
        ? { unindexed: Number(unindexed.value.records.atLeast) }
        : {}),
      ...(ladder.known ? { inRetry: sumOf(ladder.value, 'ahead') + sumOf(ladder.value, 'due') } : {}),
    };
  },
  rows(value) {
    return [
      [
        'CLASS',
        'EVENT TYPE',
        'EXCEPTION',
        'ROWS',
        'COPIES',
        'PER MIN',
        'NEWEST S',
        'OLDEST S',
        'MESSAGES',
        'NEWEST MESSAGE',
      ],
      ...value.groups.map(groupRow),
      totalRow(value),
      ...ladderRows(value.ladder),
      ['unindexed', '', '', unindexedText(value.unindexed), '', '', '', '', '', ''],
    ];
  },
  verifyWith(target) {
    const { deadLetters, deadLetterPositions: positions, topics } = target.roles;
    if (deadLetters === undefined) return [];
    const commands: NativeCommand[] = [
      {
        command: mysqlCommand(target, groupsSql(deadLetters)),
        shows: {
          ko: '묶음(지문)마다 행 수, 사본 수, 서로 다른 메시지 수, 최근 1분의 수',
          en: 'rows, copies, distinct messages and those of the last minute of each group (fingerprint)',
        },
      },
    ];
    const ladder = ladderSql(target.roles);
    if (ladder !== undefined) {
      commands.push({
        command: mysqlCommand(target, ladder),
        shows: {
          ko: '재시도 단마다 기한 전과 기한이 지난 이벤트 수',
          en: 'events before and past their due time, a rung a row',
        },
      });
    }
    if (positions === undefined || topics.dlq === undefined) return commands;
    return [
      ...commands,
      {
        command: kafkaCommand(target, 'kafka-get-offsets', `--topic ${topics.dlq} --time -1`),
        shows: { ko: 'DLQ 파티션마다 하이 워터마크', en: 'the high watermark of each partition of the DLQ' },
      },
      {
        command: mysqlCommand(
          target,
          `SELECT ${positions.partition}, ${positions.nextOffset} FROM ${positions.table} WHERE ${positions.consumer} = '${positions.indexer}' AND ${positions.topic} = '${topics.dlq}' ORDER BY ${positions.partition}`,
        ),
        shows: {
          ko: '파티션마다 색인이 다음에 읽을 오프셋: 하이 워터마크와의 차이가 색인 전 레코드 수',
          en: 'the offset that the indexer reads next in each partition: what is missing to the high watermark is not indexed',
        },
      },
    ];
  },
};

export function sumOf({ rungs }: RetryLadder, count: 'ahead' | 'due' | 'overdue'): number {
  return rungs.reduce((sum, rung) => sum + rung[count], 0);
}

function groupRow(group: DeadLetterGroup): readonly string[] {
  const { perMinute, newestAgeMs, oldestAgeMs } = group;
  return [
    group.class,
    group.eventType ?? '-',
    group.exception,
    String(group.rows),
    String(group.copies),
    perMinute.before === undefined ? String(perMinute.now) : `${perMinute.before} > ${perMinute.now}`,
    ageText(newestAgeMs),
    ageText(oldestAgeMs),
    String(group.distinctMessages),
    group.newestMessage,
  ];
}

function totalRow({ deadLetters, copies, lastMinute, byClass }: DlqGroups): readonly string[] {
  const classes = byClass.map((one) => `${one.class} ${one.rows}`).join(', ');
  const rows = deadLetters.exact ? String(deadLetters.rows) : `≥ ${deadLetters.rows}`;
  return ['all', '', classes, rows, String(copies), String(lastMinute), '', '', '', ''];
}

function ladderRows(ladder: Part<RetryLadder>): readonly (readonly string[])[] {
  if (!ladder.known) return [['in retry', '', `? ${ladder.reason}`, '', '', '', '', '', '', '']];
  const { rungs, exact } = ladder.value;
  return rungs.map(({ rung, ahead, due, overdue }) => {
    const text = `due ahead ${ahead}, due ${due}, overdue ${overdue}`;
    return [rung, '', text, `${exact ? '' : '≥ '}${ahead + due}`, '', '', '', '', '', ''];
  });
}

const ageText = (age: Part<number>): string => (age.known ? (age.value / 1000).toFixed(0) : `? ${age.reason}`);

function unindexedText(unindexed: Part<Unindexed>): string {
  return unindexed.known ? atLeastText(unindexed.value.records) : `? ${unindexed.reason}`;
}

function atLeastText({ atLeast, unknown, parts }: Total): string {
  return unknown === 0 ? String(atLeast) : `at least ${atLeast} (${unknown} of ${parts} unknown)`;
}

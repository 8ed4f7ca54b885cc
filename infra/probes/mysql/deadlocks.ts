import { z } from 'zod';
import { type Deadlock, parseDeadlock } from '../../mysql/deadlock-text.ts';
import { keyText, type PrintedLock } from '../../mysql/lock-text.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { isOtherRun, readInnodbMetrics, readServerStatus, type ServerIdentity } from '../../mysql/server-status.ts';
import { printable } from '../../text.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Finding, Probe } from '../probe.ts';
import { ageMs, type Part } from '../reading.ts';
import { readInnodbStatus } from './waits-read.ts';

export interface MysqlDeadlocks {
  readonly server: ServerIdentity;
  /** Since the server started, by its own counter. */
  readonly total: Part<bigint>;
  /** How many of them were seen: InnoDB keeps the text of the last one only, the next overwrites it. */
  readonly captured: number;
  /** Within the last minute, or as far back as the readings reach; undefined without two. */
  readonly lately: { readonly deadlocks: number; readonly overMs: number } | undefined;
  /** The newest first, of this run of the server, at most `keptMax`. */
  readonly seen: readonly SeenDeadlock[];
  /** Off: InnoDB waits for the lock wait timeout instead, and no deadlock is ever reported. */
  readonly detection: 'on' | 'off' | 'unknown';
  /** What `lately` is counted from, oldest first. */
  readonly counts: readonly { readonly atMs: number; readonly total: bigint }[];
}

export interface SeenDeadlock extends Deadlock {
  /** When it happened, milliseconds since the epoch by the server's clock. */
  readonly atMs: number;
  /** How long ago that was at this reading. */
  readonly ageMs: Part<number>;
}

const keptMax = 20;
const latelyMs = 60_000;
/** Each costs a rollback and a retry: one now and then is how InnoDB works, one in a few seconds is a habit. */
const perMinuteWarning = 12;
const perMinuteCritical = 120;

export const mysqlDeadlocks: Probe<MysqlDeadlocks> = {
  id: 'mysql.deadlocks',
  title: { ko: 'MySQL 데드락', en: 'MySQL deadlocks' },
  cost: 'slow',
  timeoutMs: 4_000,
  async read({ mysql }, { previous }) {
    // The text first: a deadlock between the two is then counted and not yet seen, never the other way round.
    const last = parseDeadlock(await readInnodbStatus(mysql));
    const { identity: server, variables } = await readServerStatus(mysql, {
      counters: [],
      variables: ['innodb_deadlock_detect'],
    });
    const { lock_deadlocks: total } = await readInnodbMetrics(mysql, ['lock_deadlocks'], server.isMariaDb);
    const before = previous !== undefined && !isOtherRun(previous.value.server, server) ? previous.value : undefined;
    const known = before?.seen ?? [];
    const isNew = last !== undefined && !known.some(({ fingerprint }) => fingerprint === last.fingerprint);
    const seen = isNew ? [{ ...cleaned(last), atMs: await timeOf(mysql, last) }, ...known].slice(0, keptMax) : known;
    const counts = total.known ? countsAfter(before?.counts, server.serverTimeMs, total.value) : (before?.counts ?? []);
    return {
      server,
      total,
      captured: (before?.captured ?? 0) + (isNew ? 1 : 0),
      lately: latelyOf(counts),
      seen: seen.map((one) => ({ ...one, ageMs: ageMs(BigInt(Math.round((server.serverTimeMs - one.atMs) * 1000))) })),
      detection: detectionOf(variables.get('innodb_deadlock_detect')),
      counts,
    };
  },
  judge({ lately, seen, detection }) {
    const findings: Finding[] = [];
    const perMinute = perMinuteOf(lately);
    if (perMinute >= perMinuteWarning) findings.push(rateFinding(perMinute, lately, seen[0]));
    if (detection === 'off') findings.push(detectionFinding);
    return findings;
  },
  numbers({ lately }) {
    return lately === undefined ? {} : { perMinute: perMinuteOf(lately) };
  },
  rows({ seen, total, captured }) {
    return [
      ['AT', 'CLASS', 'VICTIM', 'TRX', 'THREAD', 'HOLDS', 'WAITS FOR', 'STATEMENT'],
      ...seen.flatMap((deadlock) =>
        deadlock.sides.map((side) => [
          deadlock.at,
          deadlock.class,
          side.victim ? 'yes' : 'no',
          side.trxId,
          side.threadId ?? '-',
          side.holds.map(lockText).join(' + ') || '-',
          side.waitsFor === undefined ? '-' : lockText(side.waitsFor),
          side.query,
        ]),
      ),
      [`captured ${captured} of ${total.known ? total.value : `? ${total.reason}`}`, '', '', '', '', '', '', ''],
    ];
  },
  verifyWith(target) {
    return [
      {
        command: mysqlCommand(
          target,
          "SELECT NAME, COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'lock_deadlocks'",
        ),
        shows: { ko: '서버 시작 이후 데드락 수', en: 'deadlocks since the server started' },
      },
      {
        command: `${mysqlCommand(target, 'SHOW ENGINE INNODB STATUS')} --batch --raw`,
        shows: {
          ko: 'LATEST DETECTED DEADLOCK 아래에 마지막 데드락의 양쪽',
          en: 'under LATEST DETECTED DEADLOCK both sides of the last one',
        },
      },
    ];
  },
};

const time = z.object({ at_us: z.coerce.bigint().nullable() });

/** The text's time is in the time zone of the server's machine. One of the hour that daylight saving repeats is ambiguous. */
async function timeOf(mysql: ReadOnlyMysql, { at }: Deadlock): Promise<number> {
  const [row] = await mysql.query(
    "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', CONVERT_TZ(CAST(? AS DATETIME), 'SYSTEM', '+00:00')) AS at_us",
    [at],
    time,
  );
  return Number((row?.at_us ?? 0n) / 1000n);
}

/** Statements come with whatever their clients put into them. */
function cleaned(deadlock: Deadlock): Deadlock {
  return { ...deadlock, sides: deadlock.sides.map((side) => ({ ...side, query: printable(side.query) })) };
}

/** The last counts within a minute, and one before them where the minute is not yet full. */
function countsAfter(before: MysqlDeadlocks['counts'] = [], atMs: number, total: bigint): MysqlDeadlocks['counts'] {
  const last = before.at(-1);
  // A counter that went back was reset by hand.
  const earlier = last !== undefined && last.total > total ? [] : before;
  return [...earlier.filter((count) => atMs - count.atMs <= latelyMs && count.atMs < atMs), { atMs, total }];
}

function latelyOf(counts: MysqlDeadlocks['counts']): MysqlDeadlocks['lately'] {
  const [first, last] = [counts[0], counts.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  return { deadlocks: Number(last.total - first.total), overMs: last.atMs - first.atMs };
}

/** Two in a second of watching are no 120 a minute: a short look is stretched to no more than ten seconds. */
export function perMinuteOf(lately: MysqlDeadlocks['lately']): number {
  if (lately === undefined) return 0;
  return (lately.deadlocks * 60_000) / Math.max(lately.overMs, 10_000);
}

const detectionOf = (value: string | undefined): MysqlDeadlocks['detection'] =>
  value === undefined ? 'unknown' : /^(?:on|1)$/i.test(value) ? 'on' : 'off';

function rateFinding(perMinute: number, lately: MysqlDeadlocks['lately'], newest: SeenDeadlock | undefined): Finding {
  const rate = Math.round(perMinute);
  const seconds = Math.round((lately?.overMs ?? 0) / 1000);
  const kind = newest?.class ?? '?';
  return {
    key: 'deadlocks.rate',
    severity: perMinute >= perMinuteCritical ? 'critical' : 'warning',
    text: {
      ko: `데드락이 분당 ${rate}건꼴 (최근 ${seconds}초에 ${lately?.deadlocks}건, 마지막: ${kind})`,
      en: `${rate} deadlocks a minute (${lately?.deadlocks} in the last ${seconds} s; the last one: ${kind})`,
    },
  };
}

const detectionFinding: Finding = {
  key: 'deadlocks.detection',
  severity: 'warning',
  text: {
    ko: 'innodb_deadlock_detect가 꺼져 있음: 데드락이 감지되지 않고 락 대기 타임아웃까지 기다림',
    en: 'innodb_deadlock_detect is off: deadlocks are not found, they last until the lock wait timeout',
  },
};

/** `lab.account PRIMARY (7) X locks rec but not gap`. */
export function lockText({ schema, table, index, mode, keys }: PrintedLock): string {
  const key = keys.length === 0 ? '' : ` (${keys.slice(0, 3).map(keyText).join(' | ')})`;
  return printable(`${schema}.${table}${index === undefined ? '' : ` ${index}`}${key} ${mode}`);
}

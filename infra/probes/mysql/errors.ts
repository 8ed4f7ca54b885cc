import { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { isOtherRun, readInnodbMetrics, readServerStatus, type ServerIdentity } from '../../mysql/server-status.ts';
import { retriableErrnos } from '../../mysql/transaction.ts';
import type { Target } from '../../target.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Finding, Probe } from '../probe.ts';
import { known, notMapped, notPermitted, type Part, partOf, unknownPart } from '../reading.ts';
import { workersHealth } from '../stack/workers-health.ts';
import { type FailedStatement, readFailedStatements } from './failed-statements.ts';

export interface MysqlErrors {
  readonly server: ServerIdentity;
  readonly errors: readonly ErrorCount[];
  /** Statements that ended in one of them, of sessions that are still connected; the newest first. */
  readonly recent: Part<readonly FailedStatement[]>;
}

export interface ErrorCount {
  readonly errno: WatchedErrno;
  /** Since the server started. */
  readonly total: Part<bigint>;
  /** Since the reading before; undefined without one. */
  readonly perSecond: Part<number> | undefined;
  /** Runs the whole transaction again: the policy takes it for transient. */
  readonly isRetried: boolean;
  /** By the workers that beat now, since each began; rates are theirs too. */
  readonly retries: Part<Retries>;
}

export interface Retries {
  readonly total: number;
  readonly perSecond: number | undefined;
}

/**
 * 1205 lock wait timeout, 1213 deadlock, 1020 record changed since the snapshot (MariaDB), 3572 NOWAIT refused, 1040 too many
 * connections. https://dev.mysql.com/doc/mysql-errors/9.5/en/server-error-reference.html
 */
const watched = [1205, 1213, 1020, 3572, 1040] as const;
export type WatchedErrno = (typeof watched)[number];

/** InnoDB's own counters stand in where errors are not counted: MariaDB, or a server told to count few of them. */
const metrics = { 1213: 'lock_deadlocks', 1205: 'lock_timeouts' } as const;

export const mysqlErrors: Probe<MysqlErrors> = {
  id: 'mysql.errors',
  title: { ko: 'MySQL 락 오류', en: 'MySQL lock errors' },
  cost: 'slow',
  timeoutMs: 4_000,
  async read(target, context) {
    const { mysql } = target;
    const { identity: server, counters } = await readServerStatus(mysql, {
      counters: ['Connection_errors_max_connections'],
    });
    const [byError, innodb, recent, retries] = await Promise.all([
      errorsOf(mysql, server.isMariaDb),
      readInnodbMetrics(mysql, Object.values(metrics), server.isMariaDb),
      readFailedStatements(mysql, watched),
      retriesOf(target),
    ]);
    const refused = counters.get('Connection_errors_max_connections');
    const errors = watched.map((errno) => {
      const substitute =
        errno === 1205 || errno === 1213
          ? innodb[metrics[errno]]
          : errno === 1040 && refused !== undefined
            ? known(refused)
            : undefined;
      const total = totalOf(byError, errno, substitute);
      return { errno, total, isRetried: retriableErrnos.has(errno), retries: retries(errno) };
    });
    return { server, errors: withRates(errors, { server, context }), recent };
  },
  judge({ errors }) {
    return errors.flatMap((error) => findingOf(error));
  },
  numbers({ errors }) {
    return Object.fromEntries(
      errors.flatMap(({ errno, perSecond }) =>
        perSecond?.known === true ? [[`errno${errno}PerMinute`, perSecond.value * 60]] : [],
      ),
    );
  },
  rows({ errors, recent }) {
    const statements = recent.known ? recent.value : [];
    return [
      ['ERRNO', 'NAME', 'TOTAL', 'PER MINUTE', 'RETRIED', 'RETRIES OF WORKERS'],
      ...errors.map(({ errno, total, perSecond, isRetried, retries }) => [
        String(errno),
        errorNames[errno],
        total.known ? String(total.value) : `? ${total.reason}`,
        perSecond === undefined ? '?' : perSecond.known ? (perSecond.value * 60).toFixed(1) : `? ${perSecond.reason}`,
        isRetried ? 'yes' : 'no',
        retries.known ? String(retries.value.total) : `? ${retries.reason}`,
      ]),
      ...statements.map(({ errno, pid, user, agoMs, statement }) => [
        String(errno),
        `session ${pid} ${user}`,
        `${(agoMs / 1000).toFixed(0)} s ago`,
        statement,
        '',
        '',
      ]),
    ];
  },
  verifyWith(target) {
    return [
      {
        command: mysqlCommand(
          target,
          "SELECT NAME, COUNT FROM information_schema.INNODB_METRICS WHERE NAME IN ('lock_deadlocks', 'lock_timeouts')",
        ),
        shows: {
          ko: '서버 시작 이후 1213(lock_deadlocks)과 1205(lock_timeouts) 수',
          en: 'how many 1213 (lock_deadlocks) and 1205 (lock_timeouts) since the server started',
        },
      },
      {
        command: mysqlCommand(
          target,
          `SELECT ERROR_NUMBER, SUM_ERROR_RAISED, LAST_SEEN FROM performance_schema.events_errors_summary_global_by_error WHERE ERROR_NUMBER IN (${watched.join(', ')})`,
        ),
        shows: {
          ko: '오류 번호마다 발생 수; 없는 번호는 이 서버가 세지 않음 (MariaDB에는 이 테이블이 없음)',
          en: 'how often each was raised; one that is missing is not counted by this server (MariaDB has no such table)',
        },
      },
    ];
  },
};

export const errorNames: Readonly<Record<WatchedErrno, string>> = {
  1205: 'lock wait timeout',
  1213: 'deadlock',
  1020: 'record changed since read',
  3572: 'NOWAIT refused',
  1040: 'too many connections',
};

const counted = z.object({ errno: z.coerce.number(), raised: z.coerce.bigint() });

async function errorsOf(mysql: ReadOnlyMysql, mariaDb: boolean): Promise<Part<ReadonlyMap<number, bigint>>> {
  if (mariaDb) return unknownPart('MariaDB does not count errors');
  const rows = await partOf(
    mysql.query(
      `SELECT ERROR_NUMBER AS errno, SUM_ERROR_RAISED AS raised
       FROM performance_schema.events_errors_summary_global_by_error
       WHERE ERROR_NUMBER IN (${watched.join(', ')})`,
      [],
      counted,
    ),
  );
  return rows.known ? known(new Map(rows.value.map(({ errno, raised }) => [errno, raised]))) : rows;
}

/** performance_schema_error_size bounds how many kinds of errors are counted: one without a row is unknown, not 0. */
function totalOf(
  byError: Part<ReadonlyMap<number, bigint>>,
  errno: number,
  substitute: Part<bigint> | undefined,
): Part<bigint> {
  const raised = byError.known ? byError.value.get(errno) : undefined;
  if (raised !== undefined) return known(raised);
  if (substitute !== undefined) return substitute;
  if (!byError.known)
    return byError.reason.startsWith(notPermitted)
      ? unknownPart(`${notPermitted} (SELECT on performance_schema)`)
      : byError;
  return unknownPart('not counted by this server');
}

/** Workers count each retried transaction by the errno that ended it. */
async function retriesOf(target: Target): Promise<(errno: number) => Part<Retries>> {
  const read = workersHealth.read(target, { signal: new AbortController().signal, previous: undefined, nowMs: 0 });
  const health = await partOf(read);
  return (errno) => {
    if (!health.known) return health;
    // Nobody beats: nobody could have counted.
    if (health.value.workers.length === 0) return unknownPart(`${notMapped}: no worker beats`);
    const total = health.value.workers.reduce((sum, { counters }) => sum + (counters[`errno${errno}`] ?? 0), 0);
    return known({ total, perSecond: undefined });
  };
}

type Counted = Omit<ErrorCount, 'perSecond'>;

function withRates(
  errors: readonly Counted[],
  { server, context }: { readonly server: ServerIdentity; readonly context: Parameters<typeof mysqlErrors.read>[1] },
): readonly ErrorCount[] {
  const before = context.previous?.value;
  const elapsed = before === undefined ? 0 : (server.serverTimeMs - before.server.serverTimeMs) / 1000;
  return errors.map((error) => {
    const earlier = before?.errors.find(({ errno }) => errno === error.errno);
    if (before === undefined || earlier === undefined) return { ...error, perSecond: undefined };
    return {
      ...error,
      perSecond: isOtherRun(before.server, server)
        ? unknownPart<number>('the server was started again')
        : rateOf(earlier.total, error.total, elapsed),
      retries: retryRate(earlier.retries, error.retries, elapsed),
    };
  });
}

function rateOf(before: Part<bigint>, now: Part<bigint>, elapsedSeconds: number): Part<number> {
  if (!before.known) return before;
  if (!now.known) return now;
  if (elapsedSeconds <= 0) return unknownPart('clock skew');
  const more = now.value - before.value;
  return more < 0n ? unknownPart('the counter was reset') : known(Number(more) / elapsedSeconds);
}

/** Each worker counts since it began: fewer than before means that one of them is another process. */
function retryRate(before: Part<Retries>, now: Part<Retries>, elapsedSeconds: number): Part<Retries> {
  if (!before.known || !now.known || elapsedSeconds <= 0) return now;
  const more = now.value.total - before.value.total;
  return more < 0 ? now : known({ ...now.value, perSecond: more / elapsedSeconds });
}

/** Each timeout is somebody who waited for seconds in vain; each refused connection somebody who got none. */
function findingOf({ errno, perSecond }: ErrorCount): readonly Finding[] {
  if (perSecond?.known !== true || perSecond.value === 0) return [];
  const perMinute = Math.max(1, Math.round(perSecond.value * 60));
  if (errno === 1205) {
    return [
      {
        key: 'errors.1205',
        severity: perSecond.value >= 1 ? 'critical' : 'warning',
        text: {
          ko: `락 대기 타임아웃(1205)이 분당 ${perMinute}건꼴: 누군가 락을 너무 오래 쥐고 있음`,
          en: `${perMinute} lock wait timeouts (1205) a minute: somebody holds locks for too long`,
        },
      },
    ];
  }
  if (errno === 1040) {
    return [
      {
        key: 'errors.1040',
        severity: 'critical',
        text: {
          ko: `연결 거절(1040, too many connections)이 분당 ${perMinute}건꼴`,
          en: `${perMinute} connections a minute are refused (1040, too many connections)`,
        },
      },
    ];
  }
  return [];
}

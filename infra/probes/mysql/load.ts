import { isOtherRun, readInnodbMetrics, readServerStatus, type ServerIdentity } from '../../mysql/server-status.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import { judgeLoad, runningHigh } from './load-findings.ts';

export interface MysqlLoad {
  readonly server: ServerIdentity;
  readonly connections: {
    readonly now: number;
    readonly running: number;
    /** The most there ever were at once since the server started. */
    readonly used: number;
    readonly max: number;
  };
  /** Since the server started. */
  readonly totals: Readonly<Record<LoadCounter, bigint>>;
  /** Since the reading before; undefined without one. */
  readonly rates: Part<LoadRates> | undefined;
  /** Old row versions that purge has yet to remove; needs PROCESS. */
  readonly historyLength: Part<bigint>;
  /** The last minute of it, oldest first: is it growing? */
  readonly history: readonly { readonly atMs: number; readonly length: bigint }[];
  readonly readOnly: boolean;
  /** Since when many statements have been running at once, by the server's clock; undefined while they do not. */
  readonly runningHighSinceMs: number | undefined;
}

export interface LoadRates {
  readonly overMs: number;
  readonly queriesPerSecond: number;
  readonly commitsPerSecond: number;
  readonly rollbacksPerSecond: number;
  readonly slowQueriesPerSecond: number;
  readonly rowLockWaitsPerSecond: number;
  /** Time that sessions spent waiting for row locks, in ms a second: 1,000 is one session all the time. */
  readonly rowLockMsPerSecond: number;
  /** Share of page reads served from the buffer pool; undefined where nothing was read. */
  readonly bufferPoolHitRatio: number | undefined;
  readonly abortedConnects: number;
  readonly refusedConnections: number;
}

const counterNames = {
  questions: 'Questions',
  commits: 'Com_commit',
  rollbacks: 'Com_rollback',
  slowQueries: 'Slow_queries',
  abortedConnects: 'Aborted_connects',
  refusedConnections: 'Connection_errors_max_connections',
  rowLockWaits: 'Innodb_row_lock_waits',
  rowLockMs: 'Innodb_row_lock_time',
  pageRequests: 'Innodb_buffer_pool_read_requests',
  pageReads: 'Innodb_buffer_pool_reads',
} as const;
export type LoadCounter = keyof typeof counterNames;

const gaugeNames = ['Threads_connected', 'Threads_running', 'Max_used_connections'] as const;
const historyMs = 60_000;

export const mysqlLoad: Probe<MysqlLoad> = {
  id: 'mysql.load',
  title: { ko: 'MySQL 부하', en: 'MySQL load' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read({ mysql }, { previous }) {
    const {
      identity: server,
      counters,
      variables,
    } = await readServerStatus(mysql, {
      counters: [...Object.values(counterNames), ...gaugeNames],
      variables: ['max_connections', 'read_only'],
    });
    const metrics = await readInnodbMetrics(mysql, ['trx_rseg_history_len'], server.isMariaDb);
    const historyLength = metrics.trx_rseg_history_len;
    const gauge = (name: (typeof gaugeNames)[number]): number => Number(counters.get(name) ?? 0n);
    const totals = Object.fromEntries(
      Object.entries(counterNames).map(([counter, name]) => [counter, counters.get(name) ?? 0n]),
    ) as Record<LoadCounter, bigint>;
    const connections = {
      now: gauge('Threads_connected'),
      running: gauge('Threads_running'),
      used: gauge('Max_used_connections'),
      max: Number(variables.get('max_connections') ?? 0),
    };
    const before = previous?.value;
    const sameRun = before !== undefined && !isOtherRun(before.server, server) ? before : undefined;
    return {
      server,
      connections,
      totals,
      rates: before === undefined ? undefined : ratesOf(before, { server, totals }),
      historyLength,
      history: historyAfter(sameRun?.history, historyLength, server.serverTimeMs),
      readOnly: /^(?:on|1)$/i.test(variables.get('read_only') ?? ''),
      runningHighSinceMs:
        connections.running >= runningHigh ? (sameRun?.runningHighSinceMs ?? server.serverTimeMs) : undefined,
    };
  },
  judge: judgeLoad,
  numbers({ connections, rates, historyLength }) {
    return {
      connections: connections.now,
      running: connections.running,
      ...(historyLength.known ? { historyLength: Number(historyLength.value) } : {}),
      ...(rates?.known === true
        ? {
            queriesPerSecond: rates.value.queriesPerSecond,
            commitsPerSecond: rates.value.commitsPerSecond,
            rowLockMsPerSecond: rates.value.rowLockMsPerSecond,
          }
        : {}),
    };
  },
  rows({ connections, totals, rates, historyLength }) {
    const rate = (of: (rates: LoadRates) => number | undefined, digits = 1): string =>
      rates === undefined ? '?' : rates.known ? (of(rates.value)?.toFixed(digits) ?? '-') : `? ${rates.reason}`;
    return [
      ['WHAT', 'NOW', 'SINCE THE START'],
      ['connections', `${connections.now} of ${connections.max}`, `at most ${connections.used}`],
      ['running', String(connections.running), ''],
      ['queries/s', rate((r) => r.queriesPerSecond), String(totals.questions)],
      ['commits/s', rate((r) => r.commitsPerSecond), String(totals.commits)],
      ['rollbacks/s', rate((r) => r.rollbacksPerSecond), String(totals.rollbacks)],
      ['slow queries/s', rate((r) => r.slowQueriesPerSecond), String(totals.slowQueries)],
      ['row lock waits/s', rate((r) => r.rowLockWaitsPerSecond), String(totals.rowLockWaits)],
      ['row lock ms/s', rate((r) => r.rowLockMsPerSecond), String(totals.rowLockMs)],
      ['buffer pool hit ratio', rate((r) => r.bufferPoolHitRatio, 4), ''],
      ['aborted connects', rate((r) => r.abortedConnects, 0), String(totals.abortedConnects)],
      ['refused connections', rate((r) => r.refusedConnections, 0), String(totals.refusedConnections)],
      ['history list length', historyLength.known ? String(historyLength.value) : `? ${historyLength.reason}`, ''],
    ];
  },
  verifyWith(target) {
    const names = [...Object.values(counterNames), ...gaugeNames].map((name) => `'${name}'`).join(', ');
    return [
      {
        command: mysqlCommand(target, `SHOW GLOBAL STATUS WHERE Variable_name IN (${names})`),
        shows: { ko: '같은 카운터의 지금 값', en: 'the same counters as they stand now' },
      },
      {
        command: mysqlCommand(
          target,
          "SELECT NAME, COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
        ),
        shows: { ko: '히스토리 리스트 길이', en: 'the history list length' },
      },
    ];
  },
};

function ratesOf(before: MysqlLoad, now: Pick<MysqlLoad, 'server' | 'totals'>): Part<LoadRates> {
  if (isOtherRun(before.server, now.server)) return unknownPart('the server was started again');
  const overMs = now.server.serverTimeMs - before.server.serverTimeMs;
  if (overMs <= 0) return unknownPart('clock skew');
  const more = (counter: LoadCounter): number => Number(now.totals[counter] - before.totals[counter]);
  // FLUSH STATUS sets some of them back to 0.
  if (more('questions') < 0 || more('commits') < 0) return unknownPart('the counters were reset');
  const perSecond = (counter: LoadCounter): number => (Math.max(0, more(counter)) * 1000) / overMs;
  const requests = more('pageRequests');
  return known({
    overMs,
    queriesPerSecond: perSecond('questions'),
    commitsPerSecond: perSecond('commits'),
    rollbacksPerSecond: perSecond('rollbacks'),
    slowQueriesPerSecond: perSecond('slowQueries'),
    rowLockWaitsPerSecond: perSecond('rowLockWaits'),
    rowLockMsPerSecond: perSecond('rowLockMs'),
    bufferPoolHitRatio: requests > 0 ? Math.max(0, 1 - more('pageReads') / requests) : undefined,
    abortedConnects: Math.max(0, more('abortedConnects')),
    refusedConnections: Math.max(0, more('refusedConnections')),
  });
}

function historyAfter(before: MysqlLoad['history'] = [], length: Part<bigint>, atMs: number): MysqlLoad['history'] {
  const kept = before.filter((one) => atMs - one.atMs <= historyMs && one.atMs < atMs);
  return length.known ? [...kept, { atMs, length: length.value }] : kept;
}

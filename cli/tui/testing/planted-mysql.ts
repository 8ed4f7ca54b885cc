import type { Deadlock } from '../../../infra/mysql/deadlock-text.ts';
import type { PrintedLock } from '../../../infra/mysql/lock-text.ts';
import type { MysqlDeadlocks, SeenDeadlock } from '../../../infra/probes/mysql/deadlocks.ts';
import type { MysqlErrors } from '../../../infra/probes/mysql/errors.ts';
import type { MysqlLoad } from '../../../infra/probes/mysql/load.ts';
import type { LockWait, MysqlWaits, RootBlocker } from '../../../infra/probes/mysql/waits.ts';
import { known, unknownPart } from '../../../infra/probes/reading.ts';

const server = { version: '9.7.4', isMariaDb: false, uuid: 'a', uptimeSeconds: 900, serverTimeMs: 1_000_000 };

const session = (pid: string, command: string, statement: string | null, last: string) => ({
  pid,
  user: 'app',
  host: '10.0.0.7:50112',
  database: 'bank',
  command,
  forSeconds: 21,
  state: '',
  statement,
  lastStatement: known(last),
});

const transaction = (pid: string, statement: string | null, isWaiting: boolean) => ({
  trxId: `45${pid}`,
  pid,
  isWaiting,
  openMs: known(24_000),
  waitMs: isWaiting ? known(21_000) : null,
  rowsLocked: 2,
  rowsModified: 1,
  isolation: 'READ COMMITTED',
  statement,
});

const root: RootBlocker = {
  pid: '48',
  session: session(
    '48',
    'Sleep',
    null,
    '/* tx=T9 */ UPDATE account SET balance = balance - 10 WHERE account_id = 1\u001b[31m',
  ),
  transaction: transaction('48', null, false),
  waiting: 2,
  isIdle: true,
  kill: 'KILL 48;',
};

const waiter = (pid: string, behind: string, change: Partial<LockWait> = {}): LockWait => ({
  kind: 'row',
  waiter: {
    pid,
    session: session(pid, 'Query', 'UPDATE account SET balance = 0 WHERE account_id = 1', 'BEGIN'),
    transaction: transaction(pid, 'UPDATE account SET balance = 0 WHERE account_id = 1', true),
  },
  waitedMs: known(21_000),
  blockers: known([behind]),
  roots: ['48'],
  depth: behind === '48' ? 1 : 2,
  lock: known({ schema: 'bank', table: 'account', index: 'PRIMARY', mode: 'X locks rec but not gap', key: '1' }),
  ...change,
});

/** A chain of three with an idle head, one that waits for nobody knows whom, and an idle transaction beside them. */
export function plantedWaits(change: Partial<MysqlWaits> = {}): MysqlWaits {
  return {
    version: '9.7.4',
    waits: [
      waiter('49', '48'),
      waiter('50', '49'),
      waiter('61', '?', { roots: [], blockers: unknownPart('not permitted (SELECT on performance_schema)') }),
    ],
    roots: [root],
    longTransactions: [
      { ...root, isIdle: true, transaction: transaction('48', null, false) },
      {
        pid: '77',
        session: session('77', 'Sleep', null, '잔액을 확인하는 SELECT 문장'),
        transaction: transaction('77', null, false),
        isIdle: true,
      },
    ],
    ...change,
  };
}

const lock = (key: string): PrintedLock => ({
  schema: 'bank',
  table: 'account',
  index: 'PRIMARY',
  trxId: '1',
  mode: 'X locks rec but not gap',
  waiting: false,
  keys: [[{ text: key, hex: key }]],
});

const side = (threadId: string, keys: readonly [string, string], victim: boolean): Deadlock['sides'][number] => ({
  trxId: `17${threadId}`,
  threadId,
  user: 'app',
  host: '10.0.0.7',
  query: `/* transfer tx=T${threadId} */ update account set balance = balance + 10 where account_id = ${keys[1]}`,
  holds: [lock(keys[0])],
  waitsFor: lock(keys[1]),
  victim,
});

export function plantedDeadlock(change: Partial<SeenDeadlock> = {}): SeenDeadlock {
  return {
    at: '2026-11-22 12:36:03',
    class: 'AB-BA',
    fingerprint: 'one',
    sides: [side('14', ['7', '9'], false), side('15', ['9', '7'], true)],
    atMs: 0,
    ageMs: known(42_000),
    ...change,
  };
}

export function plantedDeadlocks(change: Partial<MysqlDeadlocks> = {}): MysqlDeadlocks {
  return {
    server,
    total: known(50n),
    captured: 3,
    lately: { deadlocks: 50, overMs: 60_000 },
    seen: [plantedDeadlock(), plantedDeadlock({ class: 'duplicate key', fingerprint: 'two', ageMs: known(180_000) })],
    detection: 'on',
    counts: [],
    ...change,
  };
}

export function plantedErrors(change: Partial<MysqlErrors> = {}): MysqlErrors {
  const unmapped = unknownPart<never>('not mapped');
  return {
    server,
    errors: [
      {
        errno: 1205,
        total: known(12n),
        perSecond: known(0.2),
        isRetried: true,
        retries: known({ total: 9, perSecond: 0 }),
      },
      {
        errno: 1213,
        total: known(1_204n),
        perSecond: known(0),
        isRetried: true,
        retries: known({ total: 8, perSecond: 0 }),
      },
      { errno: 1020, total: known(0n), perSecond: known(0), isRetried: true, retries: unmapped },
      {
        errno: 3572,
        total: unknownPart('not counted by this server'),
        perSecond: undefined,
        isRetried: false,
        retries: unmapped,
      },
      { errno: 1040, total: known(0n), perSecond: known(0), isRetried: false, retries: unmapped },
    ],
    recent: known([
      {
        errno: 1205,
        pid: '88',
        user: 'app',
        database: 'bank',
        statement: 'UPDATE account SET balance = 1\n WHERE account_id = 3',
        agoMs: 14_000,
      },
    ]),
    ...change,
  };
}

export function plantedLoad(change: Partial<MysqlLoad> = {}): MysqlLoad {
  return {
    server,
    connections: { now: 140, running: 9, used: 148, max: 151 },
    totals: {
      questions: 90_000n,
      commits: 30_000n,
      rollbacks: 4n,
      slowQueries: 0n,
      abortedConnects: 3n,
      refusedConnections: 0n,
      rowLockWaits: 20n,
      rowLockMs: 400n,
      pageRequests: 1_000_000n,
      pageReads: 1_000n,
    },
    rates: known({
      overMs: 1_000,
      queriesPerSecond: 2_140,
      commitsPerSecond: 480,
      rollbacksPerSecond: 0.5,
      slowQueriesPerSecond: 0,
      rowLockWaitsPerSecond: 3,
      rowLockMsPerSecond: 42,
      bufferPoolHitRatio: 0.9991,
      abortedConnects: 0,
      refusedConnections: 0,
    }),
    historyLength: known(1_204n),
    history: [],
    readOnly: false,
    runningHighSinceMs: undefined,
    ...change,
  };
}

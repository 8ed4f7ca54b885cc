import { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { isMariaDb } from '../../mysql/server-status.ts';
import { printable } from '../../text.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Probe } from '../probe.ts';
import type { Part } from '../reading.ts';
import { readMetadataWaiters } from './metadata-waits.ts';
import type { Session } from './sessions.ts';
import { chained, metadataWaitsOf, rowWaitsOf } from './waits-chains.ts';
import { idleWarningMs, judgeWaits } from './waits-findings.ts';
import { type OpenTransaction, readTransactions, rowLockEdgesSql } from './waits-read.ts';

export interface MysqlWaits {
  readonly version: string;
  /** The longest first. */
  readonly waits: readonly LockWait[];
  /** Sessions that others wait for and that wait for nobody, the one with most behind it first. */
  readonly roots: readonly RootBlocker[];
  /** Open for a while, whether somebody waits for them or not; the oldest first. */
  readonly longTransactions: readonly LongTransaction[];
}

export interface LockWait {
  /** row: within InnoDB. metadata: of a table's definition, or of the whole server. */
  readonly kind: 'row' | 'metadata';
  readonly waiter: LockSession;
  readonly waitedMs: Part<number>;
  /** Unknown where it may not be read; a session that is gone by then is not in it. */
  readonly blockers: Part<readonly string[]>;
  /** Where the chain begins. */
  readonly roots: readonly string[];
  /** 1: right behind a root, or behind somebody unseen; 2: behind one that is. */
  readonly depth: number;
  readonly lock: Part<WaitedLock>;
}

export interface WaitedLock {
  readonly schema: string;
  readonly table: string;
  readonly index: string | undefined;
  readonly mode: string;
  /** Of the record that is waited for, where it is one. */
  readonly key: string | undefined;
}

/** A session with its transaction, if it has one. */
export interface LockSession {
  readonly pid: string;
  /** Undefined: it ended while it was being looked up. */
  readonly session: Session | undefined;
  readonly transaction: OpenTransaction | undefined;
}

export interface RootBlocker extends LockSession {
  /** How many wait for it, directly and behind others. */
  readonly waiting: number;
  /** No statement runs there: it holds its locks until its client goes on, or is gone. */
  readonly isIdle: boolean;
  /** For the operator to run; labctl never does. Undefined: there is no session to end. */
  readonly kill: string | undefined;
}

export interface LongTransaction extends LockSession {
  readonly transaction: OpenTransaction;
  readonly isIdle: boolean;
}

const status = z.object({ Variable_name: z.string(), Value: z.coerce.number() });
const server = z.object({ version: z.string() });

export const mysqlWaits: Probe<MysqlWaits> = {
  id: 'mysql.waits',
  title: { ko: 'MySQL 락 대기', en: 'MySQL lock waits' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read({ mysql }, { previous }) {
    const version = previous?.value.version ?? (await versionOf(mysql));
    const mariaDb = isMariaDb(version);
    const [counted, transactions, stuck] = await Promise.all([
      mysql.query("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'", [], status),
      readTransactions(mysql, { openSeconds: idleWarningMs / 1000 }),
      readMetadataWaiters(mysql, mariaDb),
    ]);
    const someoneWaits = (counted[0]?.Value ?? 0) > 0 || transactions.some(({ isWaiting }) => isWaiting);
    const [rowWaits, tableWaits] = await Promise.all([
      someoneWaits ? rowWaitsOf(mysql, transactions, mariaDb) : [],
      stuck.length > 0 ? metadataWaitsOf(mysql, stuck) : [],
    ]);
    return chained(mysql, { version, transactions, drafts: [...rowWaits, ...tableWaits] });
  },
  judge: judgeWaits,
  numbers({ waits, longTransactions }) {
    const longest = Math.max(0, ...waits.map(({ waitedMs }) => (waitedMs.known ? waitedMs.value : 0)));
    return { waiting: waits.length, longestWaitMs: longest, longTransactions: longTransactions.length };
  },
  rows({ waits, longTransactions }) {
    return [
      ['KIND', 'PID', 'USER', 'FOR MS', 'WAITS FOR', 'BLOCKED BY', 'ROOT', 'STATEMENT'],
      ...waits.map((wait) => [
        wait.kind,
        wait.waiter.pid,
        accountOf(wait.waiter),
        wait.waitedMs.known ? wait.waitedMs.value.toFixed(0) : `? ${wait.waitedMs.reason}`,
        wait.lock.known ? lockText(wait.lock.value) : `? ${wait.lock.reason}`,
        wait.blockers.known ? wait.blockers.value.join(' ') : `? ${wait.blockers.reason}`,
        wait.roots.join(' '),
        statementOf(wait.waiter),
      ]),
      ...longTransactions.map((long) => [
        long.isIdle ? 'idle transaction' : 'long transaction',
        long.pid,
        accountOf(long),
        long.transaction.openMs.known
          ? long.transaction.openMs.value.toFixed(0)
          : `? ${long.transaction.openMs.reason}`,
        `${long.transaction.rowsLocked} rows locked, ${long.transaction.rowsModified} modified`,
        '-',
        '-',
        statementOf(long),
      ]),
    ];
  },
  verifyWith(target, about) {
    const mariaDb = isMariaDb(about?.value?.version ?? '');
    return [
      {
        command: mysqlCommand(target, oneLine(rowLockEdgesSql(mariaDb))),
        shows: { ko: '행 락을 기다리는 세션과 막고 있는 세션', en: 'who waits for a row lock of whom, a row a pair' },
      },
      {
        command: mysqlCommand(
          target,
          "SELECT ID, USER, STATE, TIME, INFO FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for %lock'",
        ),
        shows: { ko: '메타데이터 락을 기다리는 세션', en: 'sessions that wait for a metadata lock' },
      },
      {
        command: mysqlCommand(
          target,
          'SELECT trx_mysql_thread_id, trx_state, trx_started, trx_wait_started, trx_rows_locked, trx_rows_modified, trx_query FROM information_schema.INNODB_TRX ORDER BY trx_started',
        ),
        shows: {
          ko: '열려 있는 트랜잭션과 시작 시각, 락·변경 행 수',
          en: 'open transactions: since when, rows locked and modified',
        },
      },
    ];
  },
};

const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ');

async function versionOf(mysql: ReadOnlyMysql): Promise<string> {
  const [row] = await mysql.query('SELECT VERSION() AS version', [], server);
  return row?.version ?? '';
}

/** `app@10.0.0.7`. */
export const accountOf = ({ session }: LockSession): string =>
  session === undefined ? '?' : `${session.user}@${session.host}`;

/** What runs there, else what ran there last. */
export function statementOf({ session, transaction }: LockSession): string {
  const running = transaction?.statement ?? session?.statement;
  if (running !== undefined && running !== null) return running;
  const last = session?.lastStatement;
  if (last === undefined) return '-';
  return last.known ? `(last) ${last.value ?? '-'}` : `? ${last.reason}`;
}

/** `lab.account PRIMARY (7) X locks rec but not gap`. */
export function lockText({ schema, table, index, mode, key }: WaitedLock): string {
  const place = [schema, table].filter((name) => name !== '').join('.');
  return printable(`${place}${index === undefined ? '' : ` ${index}`}${key === undefined ? '' : ` (${key})`} ${mode}`);
}

import { messageOf } from '../../errors.ts';
import { keyText, type PrintedLock } from '../../mysql/lock-text.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { printable } from '../../text.ts';
import { known, type Part, UnknownValue, unknownPart } from '../reading.ts';
import { type readMetadataWaiters, readMetadataWaits } from './metadata-waits.ts';
import { performanceSchemaOff } from './performance-schema.ts';
import { readSessions } from './sessions.ts';
import type { LockSession, LockWait, LongTransaction, MysqlWaits, RootBlocker, WaitedLock } from './waits.ts';
import {
  type OpenTransaction,
  type RowLockEdges,
  readLocksWaitedFor,
  readRowLockEdges,
  readTransactions,
} from './waits-read.ts';

/** More sessions than this are not looked up: they belong to the same jam. */
const pidsMax = 200;

/** A wait before its sessions are looked up. */
export type Draft = Pick<LockWait, 'kind' | 'waitedMs' | 'blockers' | 'lock'> & { readonly pid: string };

/** Of the transactions that wait, who is in their way and on what. */
export async function rowWaitsOf(
  mysql: ReadOnlyMysql,
  transactions: readonly OpenTransaction[],
  mariaDb: boolean,
): Promise<readonly Draft[]> {
  const [edges, locks] = await Promise.all([
    edgesOf(readRowLockEdges(mysql, mariaDb, transactions)),
    readLocksWaitedFor(mysql),
  ]);
  return transactions.flatMap(({ isWaiting, trxId, pid, waitMs }): Draft[] => {
    if (!isWaiting || (edges.known && !edges.value.stillWaits(trxId))) return [];
    const lock = locks.get(trxId);
    const blockers = edges.known
      ? known(distinct(edges.value.edges.flatMap(({ waiter, blocker }) => (waiter === pid ? [blocker] : []))))
      : unknownPart<readonly string[]>(edges.reason);
    return [
      {
        kind: 'row',
        pid,
        waitedMs: waitMs ?? unknownPart('it began in this moment'),
        blockers,
        lock: lock === undefined ? unknownPart('not in the status text') : known(rowLock(lock)),
      },
    ];
  });
}

/** A jam so large that the server does not tell its edges in time must still be seen as a jam. */
async function edgesOf(reading: Promise<RowLockEdges>): Promise<Part<RowLockEdges>> {
  try {
    return known(await reading);
  } catch (error) {
    if (error instanceof UnknownValue) {
      const isOff = error.message === performanceSchemaOff;
      return unknownPart(isOff ? error.message : `${error.message} (SELECT on performance_schema)`);
    }
    return unknownPart(printable(messageOf(error)));
  }
}

function rowLock({ schema, table, index, mode, keys }: PrintedLock): WaitedLock {
  const [key] = keys;
  return { schema, table, index, mode, key: key === undefined ? undefined : keyText(key) };
}

export async function metadataWaitsOf(
  mysql: ReadOnlyMysql,
  stuck: Awaited<ReturnType<typeof readMetadataWaiters>>,
): Promise<readonly Draft[]> {
  const waits = await readMetadataWaits(mysql);
  return stuck.map(({ pid, seconds, state }) => {
    const found = waits.known ? waits.value.find(({ waiter }) => waiter === pid) : undefined;
    const unseen = waits.known ? 'not among the metadata locks' : waits.reason;
    return {
      kind: 'metadata',
      pid,
      waitedMs: known(seconds * 1000),
      blockers: found === undefined ? unknownPart(unseen) : known(found.blockers),
      lock:
        found === undefined
          ? unknownPart(printable(state))
          : known({
              schema: found.wants.schema ?? '',
              table: found.wants.name ?? found.wants.objectType,
              index: undefined,
              mode: `metadata ${found.wants.type}`,
              key: undefined,
            }),
    };
  });
}

/** With their sessions, and the ends of their chains. */
export async function chained(
  mysql: ReadOnlyMysql,
  read: {
    readonly version: string;
    readonly transactions: readonly OpenTransaction[];
    readonly drafts: readonly Draft[];
  },
): Promise<MysqlWaits> {
  const { version, transactions, drafts } = read;
  const blockersOf = new Map(drafts.map(({ pid, blockers }) => [pid, blockers.known ? blockers.value : []]));
  const chains = new Map(drafts.map(({ pid }) => [pid, rootsOf(pid, blockersOf)]));
  const rootPids = distinct([...chains.values()].flat());
  const open = transactions.filter(({ isWaiting, pid }) => !isWaiting && pid !== '0').map(({ pid }) => pid);
  const pids = distinct([...rootPids, ...drafts.map(({ pid }) => pid), ...open]).slice(0, pidsMax);
  const unseen = pids.filter((pid) => !transactions.some((transaction) => transaction.pid === pid));
  const [sessions, more] = await Promise.all([
    readSessions(mysql, pids),
    unseen.length === 0 ? [] : readTransactions(mysql, { pids: unseen }),
  ]);
  const who = (pid: string): LockSession => ({
    pid,
    session: sessions.find((session) => session.pid === pid),
    transaction: [...transactions, ...more].find((transaction) => transaction.pid === pid),
  });
  const waits = drafts.map(
    ({ pid, ...draft }): LockWait => ({
      ...draft,
      waiter: who(pid),
      roots: chains.get(pid) ?? [],
      depth: depthOf(pid, blockersOf),
    }),
  );
  const roots = rootPids.map((pid): RootBlocker => {
    const waiting = waits.filter((wait) => wait.roots.includes(pid)).length;
    const root = who(pid);
    return { ...root, waiting, isIdle: isIdle(root), kill: pid === '0' ? undefined : `KILL ${pid};` };
  });
  const waited = ({ waitedMs }: LockWait): number => (waitedMs.known ? waitedMs.value : 0);
  return {
    version,
    // Times are in whole seconds: of those that seem equal, the one nearer to the root has waited longer.
    waits: waits.toSorted((a, b) => waited(b) - waited(a) || a.depth - b.depth),
    roots: roots.toSorted((a, b) => b.waiting - a.waiting),
    longTransactions: transactions.flatMap((transaction): LongTransaction[] => {
      if (transaction.isWaiting) return [];
      const owner = who(transaction.pid);
      return [{ ...owner, transaction, isIdle: isIdle({ ...owner, transaction }) }];
    }),
  };
}

/** Who is at the ends of the chains from here. A circle, which InnoDB is about to break, has no end. */
export function rootsOf(pid: string, blockersOf: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set([pid]);
  const ends: string[] = [];
  const ahead = [...(blockersOf.get(pid) ?? [])];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const further = blockersOf.get(next) ?? [];
    if (further.length === 0) ends.push(next);
    ahead.push(...further);
  }
  return ends.reverse();
}

/** Steps of waiting to the nearest session that waits for nobody. */
function depthOf(pid: string, blockersOf: ReadonlyMap<string, readonly string[]>): number {
  const seen = new Set([pid]);
  let behind: readonly string[] = [pid];
  for (let depth = 1; ; depth++) {
    const next = behind.flatMap((one) => blockersOf.get(one) ?? []).filter((one) => !seen.has(one));
    if (next.length === 0 || next.some((one) => (blockersOf.get(one) ?? []).length === 0)) return depth;
    for (const one of next) seen.add(one);
    behind = next;
  }
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

const isIdle = ({ session, transaction }: LockSession): boolean =>
  session !== undefined && session.command === 'Sleep' && (transaction?.statement ?? null) === null;

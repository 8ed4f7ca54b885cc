import type { Finding } from '../probe.ts';
import type { LockSession, LockWait, LongTransaction, MysqlWaits, RootBlocker } from './waits.ts';

/** Busy rows are waited for in milliseconds. A session that waits for seconds waits for one that does something else. */
export const waitWarningMs = 3_000;
const waitCriticalMs = 15_000;
/** In an open transaction no statement should be seconds away: locks are held and old row versions kept all the while. */
export const idleWarningMs = 15_000;
/** A batch or a backup may well run for minutes; what runs longer keeps purge from its work. */
const runningWarningMs = 10 * 60_000;

export function judgeWaits(value: MysqlWaits): readonly Finding[] {
  return [
    ...value.roots.flatMap((root) => rootFinding(root, value.waits)),
    ...unrooted(value.waits),
    ...value.longTransactions.flatMap((transaction) => longFinding(transaction, value.roots)),
  ];
}

export const isLongWait = ({ waitedMs }: LockWait): boolean => waitedMs.known && waitedMs.value >= waitWarningMs;

/** One finding a root, not one a waiter: they all go on when it does. */
function rootFinding(root: RootBlocker, waits: readonly LockWait[]): readonly Finding[] {
  const behind = waits.filter((wait) => wait.roots.includes(root.pid) && isLongWait(wait));
  if (behind.length === 0) return [];
  const longest = longestOf(behind);
  const seconds = Math.round(longest / 1000);
  const waiting = root.waiting;
  const doing = {
    ko: root.isIdle ? '트랜잭션을 연 채 쉬는 중' : '실행 중',
    en: root.isIdle ? 'idle in its transaction' : 'running',
  };
  return [
    {
      key: `waits.root.${root.pid}`,
      severity: severityOf(longest),
      text: {
        ko: `세션 ${root.pid}(${whoIs(root)}, ${doing.ko}) 때문에 ${waiting}개 세션이 최대 ${seconds}초째 락을 기다림`,
        en: `${waiting} sessions wait, ${seconds} s the longest, for locks of session ${root.pid} (${whoIs(root)}, ${doing.en})`,
      },
    },
  ];
}

/** Who blocks cannot always be seen; that somebody waits still is. */
function unrooted(waits: readonly LockWait[]): readonly Finding[] {
  const alone = waits.filter((wait) => wait.roots.length === 0 && isLongWait(wait));
  if (alone.length === 0) return [];
  const longest = longestOf(alone);
  const seconds = Math.round(longest / 1000);
  const pids = alone.slice(0, 5).map(({ waiter }) => waiter.pid);
  return [
    {
      key: 'waits.unseen',
      severity: severityOf(longest),
      text: {
        ko: `${alone.length}개 세션(${pids.join(', ')})이 최대 ${seconds}초째 락을 기다리는데, 막고 있는 세션은 보이지 않음`,
        en: `${alone.length} sessions (${pids.join(', ')}) wait for locks, ${seconds} s the longest; who blocks them is not seen`,
      },
    },
  ];
}

export function isLongTransaction({ isIdle, transaction, session }: LongTransaction): boolean {
  if (!transaction.openMs.known) return false;
  if (!isIdle) return transaction.openMs.value >= runningWarningMs;
  return transaction.openMs.value >= idleWarningMs && (session?.forSeconds ?? 0) * 1000 >= idleWarningMs;
}

function longFinding(long: LongTransaction, roots: readonly RootBlocker[]): readonly Finding[] {
  // Where others wait for it, that is the finding.
  if (!isLongTransaction(long) || roots.some(({ pid }) => pid === long.pid)) return [];
  const { transaction, isIdle } = long;
  const seconds = transaction.openMs.known ? Math.round(transaction.openMs.value / 1000) : 0;
  const rows = transaction.rowsLocked;
  return [
    {
      key: `waits.transaction.${long.pid}`,
      severity: 'warning',
      text: {
        ko: `세션 ${long.pid}(${whoIs(long)})의 트랜잭션이 ${seconds}초째 열려 있음${isIdle ? ', 실행 중인 문장 없음' : ''} (락 ${rows}행)`,
        en: `the transaction of session ${long.pid} (${whoIs(long)}) has been open for ${seconds} s${isIdle ? ' and runs no statement' : ''} (${rows} rows locked)`,
      },
    },
  ];
}

const severityOf = (longestMs: number): Finding['severity'] => (longestMs >= waitCriticalMs ? 'critical' : 'warning');

const longestOf = (waits: readonly LockWait[]): number =>
  Math.max(0, ...waits.map(({ waitedMs }) => (waitedMs.known ? waitedMs.value : 0)));

const whoIs = ({ session }: LockSession): string => (session === undefined ? '?' : `${session.user}@${session.host}`);

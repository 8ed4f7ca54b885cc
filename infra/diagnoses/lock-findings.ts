import {
  accountOf,
  type LockSession,
  type LockWait,
  lockText,
  type MysqlWaits,
  statementOf,
} from '../probes/mysql/waits.ts';
import { isLongTransaction, isLongWait, judgeWaits } from '../probes/mysql/waits-findings.ts';
import { mysqlCommand } from '../probes/native-commands.ts';
import type { Part } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import type { DiagnosisFinding, EvidenceRow, NextStep } from './diagnosis.ts';
import { isAbout } from './lock-evidence.ts';

/** The waits and open transactions of a reading that concern the target's database. */
export function waitsAbout(target: Target, value: MysqlWaits): MysqlWaits {
  const waits = value.waits.filter(({ lock, waiter }) =>
    isAbout(target, lock.known && lock.value.schema !== '' ? lock.value.schema : waiter.session?.database),
  );
  const pids = new Set(waits.flatMap(({ roots }) => roots));
  return {
    ...value,
    waits,
    roots: value.roots
      .filter(({ pid }) => pids.has(pid))
      .map((root) => ({ ...root, waiting: waits.filter(({ roots }) => roots.includes(root.pid)).length })),
    longTransactions: value.longTransactions.filter(({ session }) => isAbout(target, session?.database)),
  };
}

/** One finding a root blocker with everybody behind it, and one for each transaction that is open for too long. */
export function waitFindings(value: MysqlWaits): readonly DiagnosisFinding[] {
  return judgeWaits(value).map((finding): DiagnosisFinding => {
    const [, what, pid = ''] = finding.key.split('.');
    const { key, severity, text } = finding;
    if (what === 'transaction') {
      const open = value.longTransactions.filter((long) => long.pid === pid);
      return { key, kind: 'open-transaction', severity, text, evidence: open.map((long) => sessionRow(long)) };
    }
    const root = value.roots.find((one) => one.pid === pid);
    const waits = value.waits.filter(({ roots }) => (root === undefined ? roots.length === 0 : roots.includes(pid)));
    const blocker: readonly EvidenceRow[] =
      root === undefined ? [] : [{ role: 'blocker', ...sessionRow(root), kill: root.kill ?? null }];
    return { key, kind: 'lock-wait', severity, text, evidence: [...blocker, ...waits.map(waitRow)] };
  });
}

/** In a long queue for one row everybody is behind all before them. */
const behindMax = 10;

function waitRow({ kind, waiter, waitedMs, blockers, lock }: LockWait): EvidenceRow {
  return {
    role: 'waiter',
    session: waiter.pid,
    user: accountOf(waiter),
    waits_ms: numberOf(waitedMs),
    behind: blockers.known ? blockers.value.slice(0, behindMax).join(' ') : `? ${blockers.reason}`,
    lock: lock.known ? lockText(lock.value) : `? ${lock.reason}`,
    lock_kind: kind,
    statement: statementOf(waiter),
  };
}

function sessionRow(who: LockSession): EvidenceRow {
  const { transaction } = who;
  return {
    session: who.pid,
    user: accountOf(who),
    open_ms: transaction === undefined ? null : numberOf(transaction.openMs),
    rows_locked: transaction?.rowsLocked ?? null,
    rows_modified: transaction?.rowsModified ?? null,
    idle_s: who.session?.command === 'Sleep' ? who.session.forSeconds : null,
    statement: statementOf(who),
  };
}

const numberOf = (part: Part<number>): number | string => (part.known ? Math.round(part.value) : `? ${part.reason}`);

/** How many of each kind there are. */
export function waitCounts({ waits, roots, longTransactions }: MysqlWaits): Readonly<Record<string, number>> {
  return {
    waits: waits.length,
    longWaits: waits.filter(isLongWait).length,
    rootBlockers: roots.length,
    openTransactions: longTransactions.filter(isLongTransaction).length,
  };
}

/** Ending a session rolls its transaction back; whether that is right only the operator knows. */
export function killSteps(target: Target, value: MysqlWaits): readonly NextStep[] {
  const [root] = value.roots.filter(
    ({ pid, kill }) => kill !== undefined && value.waits.some((wait) => wait.roots.includes(pid) && isLongWait(wait)),
  );
  if (root === undefined) return [];
  return [
    {
      text: {
        ko: `세션 ${root.pid}의 주인(${accountOf(root)})을 먼저 확인하고, 끝내도 되면 종료 (트랜잭션은 롤백됨)`,
        en: `find out whose session ${root.pid} is (${accountOf(root)}); if it may end, end it (its transaction is rolled back)`,
      },
      command: mysqlCommand(target, `KILL ${root.pid}`),
    },
  ];
}

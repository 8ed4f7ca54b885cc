import type { ResultSetHeader, RowDataPacket } from 'mysql2/promise';
import { RefusedError, UserError } from '../../infra/errors.ts';
import type { Connection } from '../../infra/mysql/pool.ts';
import { inTransaction } from '../../infra/mysql/transaction.ts';

/** retry: the relay tries it again at once, from its first attempt. skip: it is never sent, and its key flows on. */
export interface Decision {
  readonly action: 'retry' | 'skip';
  readonly outboxId: string;
  /** `user@host`. */
  readonly actor: string;
  readonly reason: string;
}

export interface Decided {
  readonly id: string;
  readonly dedupKey: string;
  readonly action: Decision['action'];
  readonly fromStatus: 'PENDING' | 'DEAD';
  readonly attempts: number;
}

/**
 * Writes an operator's decision about a row that holds its key, and its audit row, in one transaction. The row is locked
 * and the change is bound to the status that was seen, so of two operators one decides and the other one is told.
 * @throws UserError when there is no such row; RefusedError when it holds nothing any more.
 */
export async function decide(connection: Connection, decision: Decision): Promise<Decided> {
  const { action, outboxId, actor, reason } = decision;
  return inTransaction(connection, async (transaction) => {
    const [[row]] = await transaction.query<RowDataPacket[]>(
      `SELECT dedup_key, status, attempts, last_error,
         status = 'DEAD' OR (status = 'PENDING' AND next_attempt_at > NOW(6) + INTERVAL ${relayHasItUs} MICROSECOND) AS holds
       FROM outbox_event WHERE id = ? FOR UPDATE`,
      [outboxId],
    );
    if (row === undefined) throw noSuchRow(outboxId);
    if (Number(row.holds) !== 1) throw holdsNothing(outboxId, String(row.status));
    const set = action === 'skip' ? "status = 'SKIPPED'" : "status = 'PENDING', attempts = 0";
    const [changed] = await transaction.query<ResultSetHeader>(
      `UPDATE outbox_event SET ${set}, next_attempt_at = NULL WHERE id = ? AND status = ?`,
      [outboxId, row.status],
    );
    if (changed.affectedRows !== 1) throw holdsNothing(outboxId, String(row.status));
    await transaction.query(
      `INSERT INTO outbox_audit (outbox_id, dedup_key, action, from_status, attempts, last_error, actor, reason)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      [outboxId, row.dedup_key, action, row.status, row.attempts, row.last_error, actor.slice(0, 96), reason],
    );
    return {
      id: outboxId,
      dedupKey: String(row.dedup_key),
      action,
      fromStatus: row.status,
      attempts: Number(row.attempts),
    };
  });
}

/** In microseconds: a row that is due sooner may be in the relay's hands before we have decided. */
const relayHasItUs = 2_000_000;

function noSuchRow(id: string): UserError {
  return new UserError(
    { ko: `아웃박스에 ${id}번 행은 없습니다`, en: `the outbox has no row ${id}` },
    { tryThis: ['labctl outbox list'] },
  );
}

const became: Readonly<Record<string, { readonly ko: string; readonly en: string }>> = {
  SENT: { ko: '그사이 전송되었습니다', en: 'it was sent meanwhile' },
  SKIPPED: { ko: '이미 건너뛰기로 결정되었습니다', en: 'it was decided already that it is skipped' },
  PENDING: {
    ko: '릴레이가 지금이나 2초 안에 스스로 다시 보냅니다',
    en: 'the relay tries it by itself now, or within 2 s',
  },
};

function holdsNothing(id: string, status: string): RefusedError {
  return new RefusedError(
    { ko: `${id}번 행은 키를 붙잡고 있지 않습니다 (${status})`, en: `row ${id} does not hold its key (${status})` },
    { why: became[status] ?? status, tryThis: ['labctl outbox list'] },
  );
}

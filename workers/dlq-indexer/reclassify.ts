import type { RowDataPacket } from 'mysql2/promise';
import type { Connection } from '../../infra/mysql/pool.ts';
import { inTransaction } from '../../infra/mysql/transaction.ts';
import { classify, type FailureRule, fingerprintOf } from '../domain/failure-rules.ts';

/** What the rules of now make of the index. */
export interface Reclassified {
  /** Rows that were judged. */
  readonly judged: number;
  /** Rows whose class or rule is another by these rules; the most frequent change first. */
  readonly changes: readonly Change[];
  readonly changed: number;
}

export interface Change {
  readonly from: Verdict;
  readonly to: Verdict;
  readonly rows: number;
}

interface Verdict {
  readonly class: string;
  readonly rule: string;
}

interface NewVerdict extends Verdict {
  readonly id: string;
  readonly fingerprint: string;
}

const rowsAtOnce = 1_000;

/**
 * Runs the rules over every dead letter there is at the beginning. Those that are indexed meanwhile are classed by the
 * indexer. A message was cut to its column when it was indexed, and is judged as it stands there.
 * @param apply true: writes what changes, all of it in one transaction; false: looks only.
 * @throws mysql2's error, with nothing written.
 */
export async function reclassify(
  connection: Connection,
  rules: readonly FailureRule[],
  { apply }: { readonly apply: boolean },
): Promise<Reclassified> {
  return inTransaction(connection, async (transaction) => {
    const [[end]] = await transaction.query<RowDataPacket[]>('SELECT COALESCE(MAX(id), 0) AS newest FROM dlq_event');
    const tally = new Map<string, Change>();
    let judged = 0;
    let after = '0';
    for (;;) {
      const rows = await rowsBetween(transaction, { after, newest: String(end?.newest ?? 0), lock: apply });
      const last = rows.at(-1);
      if (last === undefined) break;
      after = String(last.id);
      judged += rows.length;
      const changed = rows.flatMap((row) => changeOf(row, rules));
      for (const { from, to } of changed) count(tally, from, to);
      if (apply && changed.length > 0)
        await write(
          transaction,
          changed.map(({ to }) => to),
        );
    }
    const changes = [...tally.values()].sort((left, right) => right.rows - left.rows);
    return { judged, changes, changed: changes.reduce((sum, { rows }) => sum + rows, 0) };
  });
}

async function rowsBetween(
  transaction: Connection,
  { after, newest, lock }: { readonly after: string; readonly newest: string; readonly lock: boolean },
): Promise<readonly RowDataPacket[]> {
  const [rows] = await transaction.query<RowDataPacket[]>(
    `SELECT id, class, rule, fingerprint, exception, message, event_type FROM dlq_event
     WHERE id > ? AND id <= ? ORDER BY id LIMIT ?${lock ? ' FOR UPDATE' : ''}`,
    [after, newest, rowsAtOnce],
  );
  return rows;
}

function changeOf(
  row: RowDataPacket,
  rules: readonly FailureRule[],
): readonly { readonly from: Verdict; readonly to: NewVerdict }[] {
  const eventType = row.event_type === null ? undefined : String(row.event_type);
  const exception = String(row.exception);
  const verdict = classify({ exception, message: String(row.message), eventType }, rules);
  const fingerprint = fingerprintOf({ class: verdict.class, exception, eventType });
  if (verdict.class === row.class && verdict.rule === row.rule && fingerprint === row.fingerprint) return [];
  const from = { class: String(row.class), rule: String(row.rule) };
  return [{ from, to: { id: String(row.id), class: verdict.class, rule: verdict.rule, fingerprint } }];
}

function count(tally: Map<string, Change>, from: Verdict, { class: name, rule }: NewVerdict): void {
  const key = JSON.stringify([from.class, from.rule, name, rule]);
  const before = tally.get(key);
  tally.set(key, { from, to: { class: name, rule }, rows: (before?.rows ?? 0) + 1 });
}

async function write(transaction: Connection, verdicts: readonly NewVerdict[]): Promise<void> {
  await transaction.query(
    `UPDATE dlq_event JOIN JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$.id', class VARCHAR(16) PATH '$.class',
       rule VARCHAR(64) PATH '$.rule', fingerprint CHAR(12) PATH '$.fingerprint')) verdict ON verdict.id = dlq_event.id
     SET dlq_event.class = verdict.class, dlq_event.rule = verdict.rule, dlq_event.fingerprint = verdict.fingerprint`,
    [JSON.stringify(verdicts)],
  );
}

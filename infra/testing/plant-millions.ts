import type { Connection } from '../mysql/pool.ts';

export interface PlantedMillions {
  readonly legs: number;
  readonly accounts: number;
  readonly onProgress: (table: string, rows: number) => void;
}

const rowsAtOnce = 50_000;

/**
 * A long-settled pipeline: row n is account n % accounts + 1, its leg n / accounts + 1, `p-<n>` over 1 + n % 997; ledger,
 * outbox, processed_event, effects, projections and accounts agree. Written in the order of the primary keys and without
 * binary log: minutes for ten millions.
 */
export async function plantMillions(
  connection: Connection,
  { legs, accounts, onProgress }: PlantedMillions,
): Promise<void> {
  await connection.query(`SET SESSION sql_log_bin = 0, unique_checks = 0, cte_max_recursion_depth = ${rowsAtOnce + 1}`);
  const leg = `CONCAT('p-', LPAD(n, 9, '0')) AS tx_id, n % ${accounts} + 1 AS account_id, n DIV ${accounts} + 1 AS account_seq,
    1 + n % 997 AS delta, CONCAT('p-', LPAD(n, 9, '0'), ':', n % ${accounts} + 1) AS dedup_key, n % 6 AS partition_id`;
  const past = "'2026-01-01 00:00:00'";
  const columns = {
    ledger_entry: [
      'tx_id, account_id, account_seq, delta, created_at',
      `tx_id, account_id, account_seq, delta, ${past}`,
    ],
    outbox_event: [
      'event_id, dedup_key, event_type, account_id, payload, status, created_at, sent_at, sent_partition, sent_offset',
      `UUID(), dedup_key, 'BalanceChanged', account_id, '{}', 'SENT', ${past}, ${past}, partition_id, n DIV 6`,
    ],
    processed_event: [
      'consumer, dedup_key, outcome, topic, partition_id, record_offset, processed_at',
      `'balance-projector', dedup_key, 'applied', 'account.balance.v1', partition_id, n DIV 6, ${past}`,
    ],
    applied_effect: [
      'dedup_key, account_id, account_seq, delta, partition_id, record_offset, applied_at',
      `dedup_key, account_id, account_seq, delta, partition_id, n DIV 6, ${past}`,
    ],
  } as const;
  for (const [table, [names, values]] of Object.entries(columns)) {
    for (let start = 0; start < legs; start += rowsAtOnce) {
      const end = Math.min(start + rowsAtOnce, legs) - 1;
      await connection.query(
        `INSERT INTO ${table} (${names}) WITH RECURSIVE numbers (n) AS (
           SELECT ${start} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${end})
         SELECT ${values} FROM (SELECT n, ${leg} FROM numbers) legs`,
      );
      onProgress(table, end + 1);
    }
  }
  const sums = 'SELECT account_id, SUM(delta), MAX(account_seq)';
  await connection.query(
    `INSERT INTO account (account_id, balance, account_seq) ${sums} FROM ledger_entry GROUP BY account_id`,
  );
  await connection.query(
    `INSERT INTO account_projection (account_id, balance, version, applied_count)
     SELECT account_id, balance, account_seq, account_seq FROM account`,
  );
}

/** The row's effect is applied once more, in journal and projection. */
export async function doubleEffect(connection: Connection, dedupKey: string): Promise<void> {
  await connection.query(
    `UPDATE account_projection p JOIN applied_effect e ON e.account_id = p.account_id AND e.dedup_key = ?
     SET p.balance = p.balance + e.delta, p.applied_count = p.applied_count + 1`,
    [dedupKey],
  );
  await connection.query(
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
     SELECT dedup_key, account_id, account_seq, delta, partition_id, record_offset FROM applied_effect WHERE dedup_key = ?`,
    [dedupKey],
  );
}

/** The row's event was never sent and never applied: the ledger alone knows of it. */
export async function loseEvent(connection: Connection, dedupKey: string): Promise<void> {
  await connection.query(
    `UPDATE account_projection p JOIN applied_effect e ON e.account_id = p.account_id AND e.dedup_key = ?
     SET p.balance = p.balance - e.delta, p.applied_count = p.applied_count - 1`,
    [dedupKey],
  );
  for (const table of ['applied_effect', 'processed_event', 'outbox_event']) {
    await connection.query(`DELETE FROM ${table} WHERE dedup_key = ?`, [dedupKey]);
  }
}

import type { Connection } from '../mysql/pool.ts';

export interface PlantedMoney {
  /** Accounts 1 … accounts. */
  readonly accounts: number;
  readonly legsPerAccount: number;
  /** account_seq of each account's first leg; default 1. */
  readonly firstSeq?: number;
  /** So many of each account's last legs are in ledger and outbox only: still on their way. */
  readonly unapplied?: number;
}

/**
 * Ledger, outbox, processed_event, effects and projection as the pipeline leaves them, in one transaction: account a's leg
 * s is `tx-a-s` over 100 a + s, applied from partition a % 6, offset s. The other legs of the transfers are left out.
 */
export async function plantMoney(
  connection: Connection,
  { accounts, legsPerAccount, firstSeq = 1, unapplied = 0 }: PlantedMoney,
): Promise<void> {
  const legs = Array.from({ length: accounts }, (_, account) =>
    Array.from({ length: legsPerAccount }, (__, leg) => ({
      account: account + 1,
      seq: firstSeq + leg,
      delta: 100 * (account + 1) + firstSeq + leg,
      applied: leg < legsPerAccount - unapplied,
    })),
  ).flat();
  const applied = legs.filter((leg) => leg.applied);
  const keyOf = ({ account, seq }: { account: number; seq: number }): string => `tx-${account}-${seq}:${account}`;
  const write = async (sql: string, rows: readonly (readonly (string | number)[])[]): Promise<void> => {
    if (rows.length > 0) await connection.query(sql, [rows]);
  };
  await connection.beginTransaction();
  await write(
    `INSERT INTO account (account_id, balance, account_seq) VALUES ?
     ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance), account_seq = VALUES(account_seq)`,
    legs.map(({ account, delta, seq }) => [account, delta, seq]),
  );
  await write(
    'INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta) VALUES ?',
    legs.map(({ account, seq, delta }) => [`tx-${account}-${seq}`, account, seq, delta]),
  );
  await write(
    'INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload, status, sent_partition, sent_offset, sent_at) VALUES ?',
    legs.map((leg) => [
      `event-${keyOf(leg)}`,
      keyOf(leg),
      'BalanceChanged',
      leg.account,
      '{}',
      'SENT',
      leg.account % 6,
      leg.seq,
      '2026-01-01',
    ]),
  );
  await write(
    'INSERT INTO processed_event (consumer, dedup_key, outcome, topic, partition_id, record_offset) VALUES ?',
    applied.map((leg) => ['balance-projector', keyOf(leg), 'applied', 'account.balance.v1', leg.account % 6, leg.seq]),
  );
  await write(
    `INSERT INTO account_projection (account_id, balance, version, applied_count) VALUES ?
     ON DUPLICATE KEY UPDATE balance = balance + VALUES(balance), version = VALUES(version),
       applied_count = applied_count + 1`,
    applied.map(({ account, seq, delta }) => [account, delta, seq, 1]),
  );
  await write(
    'INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset) VALUES ?',
    applied.map((leg) => [keyOf(leg), leg.account, leg.seq, leg.delta, leg.account % 6, leg.seq]),
  );
  await connection.commit();
}

import type { RowDataPacket } from 'mysql2/promise';
import type { Laboratory } from './laboratory.ts';

/** What the journals say must be, and what the engines hold. Counts of events; sets by dedup_key. */
export interface Truth {
  readonly legs: number;
  /** Planted into a transfer that is in the ledger: dedup_key → class. */
  readonly planted: ReadonlyMap<string, string>;
  readonly lost: readonly string[];
  readonly appliedTwice: number;
  /** Dead, and never planted: a good event must not be there. */
  readonly deadUnplanted: readonly string[];
  readonly plantedNotDead: readonly string[];
  readonly misclassed: readonly string[];
  readonly unsent: number;
  /** Accounts whose projection is not the sum and the number of their effects. */
  readonly drift: number;
  /** Effects whose amount is not that of their ledger leg, or that have none. */
  readonly wrongEffects: number;
  /** Events that are dead and applied as well. */
  readonly deadAndApplied: readonly string[];
}

/** @param neverDead classes that were planted and whose switch was off, so that they must have been applied. */
export async function judgedTruth(lab: Laboratory, neverDead: readonly string[] = []): Promise<Truth> {
  const committed = new Set((await column(lab, 'SELECT DISTINCT tx_id FROM ledger_entry')).values());
  const journalled = lab.journal();
  const saidOk = new Set(journalled.flatMap((entry) => (entry.kind === 'ok' ? [entry.txId] : [])));
  const planted = new Map(
    journalled.flatMap((entry) =>
      entry.kind === 'planted' && committed.has(entry.txId) && !neverDead.includes(entry.class)
        ? [[entry.dedupKey, entry.class] as const]
        : [],
    ),
  );
  const ledger = await column(lab, "SELECT CONCAT(tx_id, ':', account_id) FROM ledger_entry");
  const applied = new Set(await column(lab, 'SELECT DISTINCT dedup_key FROM applied_effect'));
  const dead = new Map(await pairs(lab, 'SELECT dedup_key, class FROM dlq_event'));
  const absent = [...saidOk].filter((txId) => !committed.has(txId));
  const { twice, unsent, drift, wrong } = await lab.counts<'twice' | 'unsent' | 'drift' | 'wrong'>(
    `SELECT (SELECT COUNT(*) - COUNT(DISTINCT dedup_key) FROM applied_effect) AS twice,
            (SELECT COUNT(*) FROM outbox_event WHERE status <> 'SENT') AS unsent,
            (SELECT COUNT(*) FROM (
               SELECT account_id, SUM(delta) AS total, COUNT(*) AS effects FROM applied_effect GROUP BY account_id) effect
             LEFT JOIN account_projection projection USING (account_id)
             WHERE NOT (projection.balance <=> effect.total AND projection.applied_count <=> effect.effects)) AS drift,
            (SELECT COUNT(*) FROM applied_effect effect
             LEFT JOIN ledger_entry leg ON leg.account_id = effect.account_id AND leg.account_seq = effect.account_seq
             WHERE NOT (leg.delta <=> effect.delta AND CONCAT(leg.tx_id, ':', leg.account_id) <=> effect.dedup_key)) AS wrong`,
  );
  return {
    legs: ledger.length,
    planted,
    lost: [...absent, ...ledger.filter((key) => !applied.has(key) && !dead.has(key))],
    appliedTwice: twice,
    deadUnplanted: [...dead.keys()].filter((key) => !planted.has(key)),
    plantedNotDead: [...planted.keys()].filter((key) => !dead.has(key)),
    misclassed: [...planted].filter(([key, name]) => dead.has(key) && dead.get(key) !== name).map(([key]) => key),
    unsent,
    drift,
    wrongEffects: wrong,
    deadAndApplied: [...dead.keys()].filter((key) => applied.has(key)),
  };
}

async function column({ pool }: Laboratory, sql: string): Promise<readonly string[]> {
  const [rows] = await pool.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
  return rows.map((row) => String(row[0]));
}

async function pairs({ pool }: Laboratory, sql: string): Promise<readonly (readonly [string, string])[]> {
  const [rows] = await pool.query<RowDataPacket[][]>({ sql, rowsAsArray: true });
  return rows.map((row) => [String(row[0]), String(row[1])] as const);
}

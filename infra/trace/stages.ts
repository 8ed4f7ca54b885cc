import { z } from 'zod';
import type { RoleMap } from '../contract/role-map.ts';
import { partsOfKey } from '../diagnoses/loss/suspects.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { SqlReader, SqlValue } from '../mysql/read-only.ts';
import { notMapped, partOf } from '../probes/reading.ts';
import { printable } from '../text.ts';

export type StageName =
  | 'ledger'
  | 'outbox'
  | 'decisions'
  | 'record'
  | 'deliveries'
  | 'deadLetter'
  | 'processed'
  | 'archive'
  | 'effects'
  | 'projection'
  | 'cache';

/** One row of what stands there, by name. Texts are cut and printable; money, offsets and ids are texts. */
export type StageRow = Readonly<Record<string, string | null>>;

/** What one place tells of an event. */
export type Stage =
  | {
      readonly stage: StageName;
      readonly status: 'there' | 'none';
      readonly rows: readonly StageRow[];
      /** When the event came there: of the first row, by the clock of the engine that wrote it. */
      readonly atMs: number | undefined;
    }
  | { readonly stage: StageName; readonly status: 'unknown'; readonly reason: string };

interface Ask {
  readonly stage: StageName;
  readonly table: string;
  /** Shown name → column; a column that is not mapped is left out. */
  readonly columns: Readonly<Record<string, string | undefined>>;
  /** The column that dates a row. */
  readonly at?: string | undefined;
  readonly where: string;
  readonly params: readonly SqlValue[];
}

const textBytesMax = 300;
const rowsMax = 50;
const row = z.record(z.string(), z.string().nullable());

async function ask(sql: SqlReader, { stage, table, columns, at, where, params }: Ask): Promise<Stage> {
  const shown = Object.entries(columns).flatMap(([name, column]) =>
    column === undefined ? [] : [[name, column] as const],
  );
  const selected = shown.map(
    ([name, column]) => `LEFT(CAST(${quote(column)} AS CHAR), ${textBytesMax}) AS ${quote(name)}`,
  );
  const dated = at === undefined ? 'NULL' : `CAST(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', ${quote(at)}) AS CHAR)`;
  const text = `SELECT ${[...selected, `${dated} AS at_us`].join(', ')} FROM ${quote(table)} WHERE ${where}
    ${at === undefined ? '' : `ORDER BY ${quote(at)}`} LIMIT ${rowsMax}`;
  const found = await partOf(sql.query(text, params, row));
  if (!found.known) return { stage, status: 'unknown', reason: found.reason };
  const [first] = found.value;
  const rows = found.value.map(({ at_us: _, ...rest }) =>
    Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value === null ? null : printable(value)])),
  );
  const us = first?.at_us ?? null;
  return {
    stage,
    status: rows.length === 0 ? 'none' : 'there',
    rows,
    atMs: us === null ? undefined : Number(us) / 1000,
  };
}

const unmapped = (stage: StageName): Stage => ({ stage, status: 'unknown', reason: notMapped });

/** What each table tells of the event, in the order of its way. Look-ups by index only; one snapshot, so that they agree. */
export async function readStages(sql: SqlReader, roles: RoleMap, key: string): Promise<readonly Stage[]> {
  return [
    await ledgerStage(sql, roles, key),
    await outboxStage(sql, roles, key),
    await deliveriesStage(sql, roles, key),
    await deadLetterStage(sql, roles, key),
    await processedStage(sql, roles, 'processed', key),
    await processedStage(sql, roles, 'archive', key),
    await effectsStage(sql, roles, key),
  ];
}

async function ledgerStage(sql: SqlReader, { ledger }: RoleMap, key: string): Promise<Stage> {
  if (ledger === undefined) return unmapped('ledger');
  const { table, id, txId, accountId, accountSeq, delta, createdAt, dedupKey } = ledger;
  const by =
    dedupKey === undefined
      ? { where: `${quote(txId)} = ? AND ${quote(accountId)} = ?`, params: partsOfKey(key) }
      : { where: `${quote(dedupKey)} = ?`, params: [key] };
  const columns = { id, tx_id: txId, account_id: accountId, account_seq: accountSeq, delta, created_at: createdAt };
  return ask(sql, { stage: 'ledger', table, columns, at: createdAt, ...by });
}

async function outboxStage(sql: SqlReader, { outbox }: RoleMap, key: string): Promise<Stage> {
  if (outbox === undefined) return unmapped('outbox');
  const { table, id, status, createdAt, sentAt } = outbox;
  const columns = {
    id,
    status,
    event_id: outbox.eventId,
    event_type: outbox.eventType,
    attempts: outbox.attempts,
    next_attempt_at: outbox.nextAttemptAt,
    created_at: createdAt,
    sent_at: sentAt,
    sent_partition: outbox.sentPartition,
    sent_offset: outbox.sentOffset,
    last_error: outbox.lastError,
  };
  return ask(sql, {
    stage: 'outbox',
    table,
    columns,
    at: createdAt,
    where: `${quote(outbox.dedupKey)} = ?`,
    params: [key],
  });
}

async function deliveriesStage(sql: SqlReader, { deliveryFailures: role }: RoleMap, key: string): Promise<Stage> {
  if (role === undefined) return unmapped('deliveries');
  const columns = {
    attempt: role.attempt,
    rung: role.rung,
    due_at: role.dueAt,
    failed_at: role.failedAt,
    settled_at: role.settledAt,
    class: role.class,
    exception: role.exception,
    message: role.message,
    topic: role.topic,
    partition: role.partition,
    offset: role.offset,
  };
  const by = { where: `${quote(role.dedupKey)} = ?`, params: [key] };
  return ask(sql, { stage: 'deliveries', table: role.table, columns, at: role.failedAt, ...by });
}

async function deadLetterStage(sql: SqlReader, { deadLetters: role }: RoleMap, key: string): Promise<Stage> {
  if (role?.dedupKey === undefined) return unmapped('deadLetter');
  const columns = {
    id: role.id,
    class: role.class,
    exception: role.exception,
    message: role.message,
    copies: role.copies,
    dead_at: role.deadAt,
    origin_partition: role.originPartition,
    origin_offset: role.originOffset,
  };
  const by = { where: `${quote(role.dedupKey)} = ?`, params: [key] };
  return ask(sql, { stage: 'deadLetter', table: role.table, columns, at: role.deadAt, ...by });
}

async function processedStage(
  sql: SqlReader,
  roles: RoleMap,
  stage: 'processed' | 'archive',
  key: string,
): Promise<Stage> {
  const role = stage === 'processed' ? roles.processed : roles.processedArchive;
  if (role === undefined) return unmapped(stage);
  // Without the consumer the key's index is of no use: an operator's own table may have another one.
  const who = role.projector === undefined ? [] : [role.projector];
  const where = `${role.projector === undefined ? '' : `${quote(role.consumer)} = ? AND `}${quote(role.dedupKey)} = ?`;
  const columns = {
    consumer: role.consumer,
    outcome: role.outcome,
    topic: role.topic,
    partition: role.partition,
    offset: role.offset,
    processed_at: role.processedAt,
  };
  return ask(sql, { stage, table: role.table, columns, at: role.processedAt, where, params: [...who, key] });
}

async function effectsStage(sql: SqlReader, { effects: role }: RoleMap, key: string): Promise<Stage> {
  if (role === undefined) return unmapped('effects');
  const columns = {
    id: role.id,
    account_id: role.accountId,
    account_seq: role.accountSeq,
    delta: role.delta,
    partition: role.partition,
    offset: role.offset,
    applied_at: role.appliedAt,
  };
  const by = { where: `${quote(role.dedupKey)} = ?`, params: [key] };
  return ask(sql, { stage: 'effects', table: role.table, columns, at: role.appliedAt, ...by });
}

/** The projection of the event's account. */
export async function projectionStage(
  sql: SqlReader,
  { projection: role }: RoleMap,
  account: string | undefined,
): Promise<Stage> {
  if (role === undefined) return unmapped('projection');
  if (account === undefined) return { stage: 'projection', status: 'unknown', reason: 'its account is not known' };
  const columns = {
    account_id: role.accountId,
    balance: role.balance,
    version: role.version,
    applied_count: role.appliedCount,
    folded_seq: role.foldedSeq,
  };
  const by = { where: `${quote(role.accountId)} = ?`, params: [account] };
  return ask(sql, { stage: 'projection', table: role.table, columns, ...by });
}

/** What operators decided about its outbox row; the lab alone keeps that. */
export async function decisionsStage(sql: SqlReader, outboxId: string | undefined): Promise<Stage> {
  if (outboxId === undefined) return { stage: 'decisions', status: 'none', rows: [], atMs: undefined };
  const columns = {
    action: 'action',
    from_status: 'from_status',
    actor: 'actor',
    reason: 'reason',
    acted_at: 'acted_at',
  };
  const by = { where: '`outbox_id` = ?', params: [outboxId] };
  return ask(sql, { stage: 'decisions', table: 'outbox_audit', columns, at: 'acted_at', ...by });
}

import { z } from 'zod';
import type {
  DeliveryFailuresRole,
  EffectsRole,
  LedgerRole,
  OutboxRole,
  ProcessedRole,
  RoleMap,
} from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { SqlReader, SqlValue } from '../../mysql/read-only.ts';
import type { ProjectorProgress } from '../pipeline/projector-progress.ts';
import type { AccountState, LegState, UnappliedLeg, Whereabouts } from './judge.ts';

export type SequencedLedger = LedgerRole & { readonly accountSeq: string };

const chunkLegs = 50_000;
/** Unapplied legs that are looked at one by one; more of them say nothing new about an account. */
const legsMax = 200;
/** Without an outbox row a leg may still be on its way from a writer that produces by itself. */
const graceSeconds = 10;

interface Roles {
  readonly ledger: SequencedLedger;
  readonly roles: RoleMap;
}

/** Goes through an account's legs above folded_seq, in chunks, within the caller's moment. */
export async function readLegs(
  reader: SqlReader,
  roles: Roles,
  { state, progress }: { readonly state: Omit<AccountState, 'legs'>; readonly progress: ProjectorProgress },
): Promise<LegState> {
  const marks = marksOf(roles);
  const version = state.projection?.version ?? state.ledger.maxSeq;
  if (marks === undefined) {
    const holes = state.projection === undefined || (state.projection.appliedCount ?? version) < version;
    return { applied: undefined, unapplied: holes ? [unexplained(state.ledger.maxSeq)] : [] };
  }
  const folded = state.projection?.foldedSeq ?? 0n;
  const sums = await sumApplied(reader, { roles, marks }, { accountId: state.accountId, folded });
  const expectedLegs = version - folded;
  const unapplied =
    sums.legs >= expectedLegs
      ? []
      : await listUnapplied(reader, { roles, marks, progress }, { state, folded, version });
  return { applied: sums, unapplied };
}

const unexplained = (accountSeq: bigint): UnappliedLeg => ({
  dedupKey: '?',
  accountSeq,
  delta: 0n,
  where: 'unexplained',
});

/** SQL over a leg `l`, and the outbox row `o` where it is joined. */
interface Marks {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

const dedupKeyOf = (ledger: LedgerRole): string =>
  ledger.dedupKey === undefined
    ? `CONCAT(l.${quote(ledger.txId)}, ':', l.${quote(ledger.accountId)})`
    : `l.${quote(ledger.dedupKey)}`;

/** True for a leg that any mapped rung shows applied. */
function marksOf({ ledger, roles }: Roles): Marks | undefined {
  const parts = [
    ...(roles.effects === undefined ? [] : [effectMark(ledger, roles.effects)]),
    ...[roles.processed, roles.processedArchive].flatMap((role) =>
      role === undefined ? [] : [processedMark(ledger, role)],
    ),
  ];
  if (parts.length === 0) return undefined;
  return { sql: parts.map(({ sql }) => sql).join(' OR '), params: parts.flatMap(({ params }) => params) };
}

function effectMark(ledger: SequencedLedger, effects: EffectsRole): Marks {
  const by =
    effects.accountId === undefined || effects.accountSeq === undefined
      ? `mark.${quote(effects.dedupKey)} = ${dedupKeyOf(ledger)}`
      : `mark.${quote(effects.accountId)} = l.${quote(ledger.accountId)}
         AND mark.${quote(effects.accountSeq)} = l.${quote(ledger.accountSeq)}`;
  return { sql: `EXISTS (SELECT 1 FROM ${quote(effects.table)} mark WHERE ${by})`, params: [] };
}

function processedMark(ledger: LedgerRole, { table, consumer, projector, dedupKey }: ProcessedRole): Marks {
  const by = projector === undefined ? '' : `mark.${quote(consumer)} = ? AND `;
  return {
    sql: `EXISTS (SELECT 1 FROM ${quote(table)} mark WHERE ${by}mark.${quote(dedupKey)} = ${dedupKeyOf(ledger)})`,
    params: projector === undefined ? [] : [projector],
  };
}

const sumRow = z.object({
  looked: z.coerce.number(),
  last_seq: z.coerce.bigint().nullable(),
  legs: z.coerce.bigint().nullable(),
  total: z.coerce.bigint().nullable(),
});

async function sumApplied(
  reader: SqlReader,
  { roles: { ledger }, marks }: { readonly roles: Roles; readonly marks: Marks },
  { accountId, folded }: { readonly accountId: bigint; readonly folded: bigint },
): Promise<{ readonly legs: bigint; readonly total: bigint }> {
  let [legs, total, after] = [0n, 0n, folded];
  for (;;) {
    const [row] = await reader.query(
      `SELECT COUNT(*) AS looked, MAX(seq) AS last_seq, SUM(applied) AS legs, SUM(CASE WHEN applied THEN delta END) AS total
       FROM (SELECT l.${quote(ledger.accountSeq)} AS seq, l.${quote(ledger.delta)} AS delta, (${marks.sql}) AS applied
             FROM ${quote(ledger.table)} l
             WHERE l.${quote(ledger.accountId)} = ? AND l.${quote(ledger.accountSeq)} > ?
             ORDER BY l.${quote(ledger.accountSeq)} LIMIT ${chunkLegs}) chunk`,
      [...marks.params, accountId, after],
      sumRow,
    );
    legs += row?.legs ?? 0n;
    total += row?.total ?? 0n;
    if (row === undefined || row.last_seq === null || row.looked < chunkLegs) return { legs, total };
    after = row.last_seq;
  }
}

const legRow = z.object({
  account_seq: z.coerce.bigint(),
  dedup_key: z.string(),
  delta: z.coerce.bigint(),
  age_s: z.coerce.number(),
  failed: z.coerce.number().nullable(),
  dead: z.coerce.number(),
  outbox_status: z.string().nullable(),
  sent_partition: z.coerce.number().nullable(),
  sent_offset: z.coerce.bigint().nullable(),
});

async function listUnapplied(
  reader: SqlReader,
  { roles, marks, progress }: { readonly roles: Roles; readonly marks: Marks; readonly progress: ProjectorProgress },
  {
    state,
    folded,
    version,
  }: { readonly state: Omit<AccountState, 'legs'>; readonly folded: bigint; readonly version: bigint },
): Promise<readonly UnappliedLeg[]> {
  const { ledger } = roles;
  const { outbox } = roles.roles;
  const failed = failedSql(roles);
  const rows = await reader.query(
    `SELECT l.${quote(ledger.accountSeq)} AS account_seq, ${dedupKeyOf(ledger)} AS dedup_key, l.${quote(ledger.delta)} AS delta,
       TIMESTAMPDIFF(SECOND, l.${quote(ledger.createdAt)}, NOW(6)) AS age_s, ${failed.sql}, ${outboxColumns(outbox)}
     FROM ${quote(ledger.table)} l
     ${outbox === undefined ? '' : `LEFT JOIN ${quote(outbox.table)} o ON o.${quote(outbox.dedupKey)} = ${dedupKeyOf(ledger)}`}
     WHERE l.${quote(ledger.accountId)} = ? AND l.${quote(ledger.accountSeq)} > ? AND l.${quote(ledger.accountSeq)} <= ?
       AND NOT (${marks.sql})
     ORDER BY l.${quote(ledger.accountSeq)} LIMIT ${legsMax}`,
    [...failed.params, state.accountId, folded, version, ...marks.params],
    legRow,
  );
  const isHole = state.projection !== undefined;
  return rows.map((row) => ({
    dedupKey: row.dedup_key,
    accountSeq: row.account_seq,
    delta: row.delta,
    where: whereabouts(row, { outbox, progress, isHole }),
  }));
}

function failedSql(roles: Roles): Marks {
  const { deliveryFailures, deadLetters } = roles.roles;
  const key = dedupKeyOf(roles.ledger);
  const among = ({ table, dedupKey }: Pick<DeliveryFailuresRole, 'table' | 'dedupKey'>, and = ''): string =>
    `EXISTS (SELECT 1 FROM ${quote(table)} fate WHERE fate.${quote(dedupKey)} = ${key}${and})`;
  const letters = deadLetters?.dedupKey === undefined ? '0' : among({ ...deadLetters, dedupKey: deadLetters.dedupKey });
  if (deliveryFailures === undefined) return { sql: `NULL AS failed, ${letters} AS dead`, params: [] };
  const finals = among(deliveryFailures, ` AND fate.${quote(deliveryFailures.dueAt)} IS NULL`);
  const nameless = failedInPlace(roles.roles);
  return {
    sql: `(${among(deliveryFailures)}${nameless === undefined ? '' : ` OR ${nameless.sql}`}) AS failed,
      (${letters} OR ${finals}) AS dead`,
    params: nameless?.params ?? [],
  };
}

/** A record of which not even the headers could be read failed without a dedup_key: it is known by where it stands. */
function failedInPlace({ deliveryFailures, outbox, processed, topics }: RoleMap): Marks | undefined {
  const { table, consumer, topic, partition, offset } = deliveryFailures ?? {};
  const { sentPartition, sentOffset } = outbox ?? {};
  if (table === undefined || consumer === undefined || topics.events === undefined) return undefined;
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  if (sentPartition === undefined || sentOffset === undefined) return undefined;
  const by = processed?.projector === undefined ? '' : `fate.${quote(consumer)} = ? AND `;
  return {
    sql: `EXISTS (SELECT 1 FROM ${quote(table)} fate WHERE ${by}fate.${quote(topic)} = ?
      AND fate.${quote(partition)} = o.${quote(sentPartition)} AND fate.${quote(offset)} = o.${quote(sentOffset)})`,
    params: [...(processed?.projector === undefined ? [] : [processed.projector]), topics.events],
  };
}

function outboxColumns(outbox: OutboxRole | undefined): string {
  const column = (name: string | undefined): string => (name === undefined ? 'NULL' : `o.${quote(name)}`);
  return `${column(outbox?.status)} AS outbox_status, ${column(outbox?.sentPartition)} AS sent_partition,
    ${column(outbox?.sentOffset)} AS sent_offset`;
}

/**
 * Pure. Effects of a key come in order, so a hole below the version that is not on the ladder was passed over; what the
 * group has committed past is applied, or it never will be.
 */
export function whereabouts(
  leg: z.infer<typeof legRow>,
  {
    outbox,
    progress,
    isHole,
  }: { readonly outbox: OutboxRole | undefined; readonly progress: ProjectorProgress; readonly isHole: boolean },
): Whereabouts {
  if (leg.dead === 1) return 'dead';
  if (leg.failed === 1) return 'inRetry';
  if (leg.failed === null) return 'unexplained'; // it may be on a ladder that is not mapped
  if (outbox === undefined) return isHole && leg.age_s >= graceSeconds ? 'missing' : 'unexplained';
  return sentTo(leg, { outbox, progress, isHole });
}

function sentTo(
  leg: z.infer<typeof legRow>,
  {
    outbox,
    progress,
    isHole,
  }: { readonly outbox: OutboxRole; readonly progress: ProjectorProgress; readonly isHole: boolean },
): Whereabouts {
  if (leg.outbox_status === null) return leg.age_s >= graceSeconds ? 'missing' : 'pending';
  const { pending, sent } = outbox.statusValues;
  if (leg.outbox_status === pending) return 'pending';
  if (leg.outbox_status !== sent) return 'skipped';
  const place = leg.sent_partition === null ? undefined : progress.get(leg.sent_partition);
  if (leg.sent_offset === null || place === undefined) return isHole ? 'missing' : 'unexplained';
  if (leg.sent_offset < place.logStart) return 'expired';
  return leg.sent_offset < place.committed ? 'missing' : 'pending';
}

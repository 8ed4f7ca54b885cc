import { z } from 'zod';
import type { LedgerRole, OutboxRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { Target } from '../../target.ts';
import { notMapped, type Part, partOf, unknownPart } from '../reading.ts';

/** How far the event is that should have removed an entry from the cache. */
export interface Invalidation {
  /**
   * pending: not sent yet, or the invalidator's group has not committed beyond it. consumed: it has, and it commits what
   * it has done. given-up: it is never sent (DEAD, skipped). unknown: the target does not tell; `reason` says why.
   */
  readonly state: 'pending' | 'consumed' | 'given-up' | 'unknown';
  readonly dedupKey?: string;
  readonly partition?: number;
  readonly offset?: bigint;
  readonly committed?: bigint;
  readonly reason?: string;
}

/** A change of an account that the cache should have heard of. */
export interface Change {
  readonly accountId: bigint;
  /** Undefined: the account's last one. */
  readonly seq: bigint | undefined;
}

interface OutboxEvent {
  readonly dedupKey: string;
  readonly status: string;
  readonly partition: number | null;
  readonly offset: bigint | null;
}

/** @returns one for each change, in their order. Outbox rows are read before the commits: what was sent can be consumed. */
export async function readInvalidations(target: Target, changes: readonly Change[]): Promise<readonly Invalidation[]> {
  const { outbox, topics, groups } = target.roles;
  if (changes.length === 0) return [];
  const role = groups.invalidator;
  if (outbox === undefined || role === undefined) return changes.map(() => unknown(notMapped));
  const events = await partOf(eventsOf(target, outbox, changes));
  if (!events.known) return changes.map(() => unknown(events.reason));
  const committed = await committedBy(target, role.groupId, topics.events ?? role.topic);
  return events.value.map((event) => invalidationBy(event, outbox, committed));
}

const unknown = (reason: string): Invalidation => ({ state: 'unknown', reason });

type Committed = Part<ReadonlyMap<number, Part<bigint | null>>>;

async function committedBy(target: Target, groupId: string, topic: string): Promise<Committed> {
  try {
    const commits = (await target.kafka.committed([groupId])).get(groupId);
    if (commits === undefined || !commits.known) return commits ?? unknownPart('not in the answer');
    return { known: true, value: commits.value.get(topic) ?? new Map() };
  } catch (error) {
    return unknownPart(error instanceof Error ? error.message : String(error));
  }
}

function invalidationBy(event: OutboxEvent | string, { statusValues }: OutboxRole, committed: Committed): Invalidation {
  if (typeof event === 'string') return unknown(event);
  const { dedupKey, status, partition, offset } = event;
  if (status === statusValues.pending) return { state: 'pending', dedupKey };
  if (status !== statusValues.sent) return { state: 'given-up', dedupKey };
  if (partition === null || offset === null) return { ...unknown('the outbox row has no offset'), dedupKey };
  const sent = { dedupKey, partition, offset };
  if (!committed.known) return { ...unknown(committed.reason), ...sent };
  const commit = committed.value.get(partition);
  if (commit !== undefined && !commit.known) return { ...unknown(commit.reason), ...sent };
  const next = commit?.value ?? null;
  if (next === null) return { state: 'pending', ...sent };
  return { state: next > offset ? 'consumed' : 'pending', ...sent, committed: next };
}

/** Each change's event, or why it cannot be told. */
async function eventsOf(
  target: Target,
  outbox: OutboxRole,
  changes: readonly Change[],
): Promise<readonly (OutboxEvent | string)[]> {
  const { ledger } = target.roles;
  const bySeq = changes.every(({ seq }) => seq !== undefined) && ledger?.accountSeq !== undefined;
  return bySeq ? eventsOfLegs(target, { outbox, ledger }, changes) : lastEvents(target, outbox, changes);
}

/** The leg with that sequence number names the event. */
async function eventsOfLegs(
  { mysql }: Target,
  { outbox, ledger }: { readonly outbox: OutboxRole; readonly ledger: LedgerRole },
  changes: readonly Change[],
): Promise<readonly (OutboxEvent | string)[]> {
  const { table, txId, accountId, accountSeq = '', dedupKey } = ledger;
  const legs = await mysql.query(
    `SELECT ${quote(accountId)} AS account_id, ${quote(accountSeq)} AS seq, ${quote(dedupKey ?? txId)} AS name
     FROM ${quote(table)}
     WHERE (${quote(accountId)}, ${quote(accountSeq)}) IN (${changes.map(() => '(?, ?)').join(', ')})`,
    changes.flatMap(({ accountId: id, seq }) => [id, seq ?? 0n]),
    z.object({ account_id: z.coerce.bigint(), seq: z.coerce.bigint(), name: z.string() }),
  );
  const keys = changes.map((change) => {
    const leg = legs.find(({ account_id, seq }) => account_id === change.accountId && seq === change.seq);
    return leg && (dedupKey === undefined ? `${leg.name}:${leg.account_id}` : leg.name);
  });
  const asked = keys.filter((key) => key !== undefined);
  const events = new Map<string, OutboxEvent>();
  if (asked.length > 0) {
    const where = `WHERE ${quote(outbox.dedupKey)} IN (${asked.map(() => '?').join(', ')})`;
    const rows = await mysql.query(`${eventColumns(outbox)} FROM ${quote(outbox.table)} ${where}`, asked, eventRow);
    for (const row of rows) events.set(row.dedupKey, row);
  }
  return keys.map((key) =>
    key === undefined ? 'no ledger row tells of the change' : (events.get(key) ?? 'no outbox row'),
  );
}

const newestRows = 5_000;

/** Without a ledger: the account's newest event, if it is among the newest of all. */
async function lastEvents(
  { mysql }: Target,
  outbox: OutboxRole,
  changes: readonly Change[],
): Promise<readonly (OutboxEvent | string)[]> {
  const { accountId, table, id } = outbox;
  if (accountId === undefined) return changes.map(() => notMapped);
  const marks = changes.map(() => '?').join(', ');
  const rows = await mysql.query(
    `SELECT * FROM (${eventColumns(outbox)}, ${quote(accountId)} AS account_id FROM ${quote(table)}
     ORDER BY ${quote(id)} DESC LIMIT ${newestRows}) newest WHERE account_id IN (${marks})`,
    changes.map((change) => change.accountId),
    z.object({ account_id: z.coerce.bigint(), dedupKey: z.string() }).loose(),
  );
  return changes.map((change) => {
    const row = rows.find(({ account_id }) => account_id === change.accountId);
    return row === undefined ? `not among the newest ${newestRows} outbox rows` : eventRow.parse(row);
  });
}

function eventColumns({ dedupKey, status, sentPartition, sentOffset }: OutboxRole): string {
  const column = (name: string | undefined): string => (name === undefined ? 'NULL' : quote(name));
  return `SELECT ${quote(dedupKey)} AS dedupKey, ${quote(status)} AS status,
     ${column(sentPartition)} AS sentPartition, ${column(sentOffset)} AS sentOffset`;
}

const eventRow = z
  .object({
    dedupKey: z.string(),
    status: z.string(),
    sentPartition: z.coerce.number().nullable(),
    sentOffset: z.coerce.bigint().nullable(),
  })
  .transform(
    ({ sentPartition, sentOffset, ...row }): OutboxEvent => ({ ...row, partition: sentPartition, offset: sentOffset }),
  );

import { headerNames, headerText } from '../../infra/contract/headers.ts';
import { scanTopic } from '../../infra/kafka/scan.ts';
import { type BalanceCodec, balanceCodec, DecodeError } from '../../infra/registry/codec.ts';
import type { FinalState, TopicRecord } from './final-state.ts';
import { cachedKeys, rowsOf, type ScopeEngines } from './scope-engines.ts';

type Rows = Pick<FinalState, 'accounts' | 'ledger' | 'outbox' | 'projections' | 'effects'>;

/** Cache entries age, so they are read first, while the readers still run. */
export async function collectCache(engines: ScopeEngines): Promise<FinalState['cache']> {
  return [...(await cachedKeys(engines))].map(([accountId, text]) => ({ accountId, text }));
}

/** The database and the whole topic. Workers must be stopped: what is read here is final. */
export async function collectRows(engines: ScopeEngines): Promise<Rows & Pick<FinalState, 'topic'>> {
  return { ...(await collectDatabase(engines)), topic: await collectTopic(engines) };
}

async function collectDatabase(engines: ScopeEngines): Promise<Rows> {
  const accounts = await rowsOf(engines, 'SELECT account_id, balance, account_seq FROM account');
  const ledger = await rowsOf(
    engines,
    'SELECT tx_id, account_id, account_seq, delta FROM ledger_entry ORDER BY entry_id',
  );
  const outbox = await rowsOf(
    engines,
    'SELECT dedup_key, account_id, status, sent_partition, sent_offset FROM outbox_event ORDER BY id',
  );
  const projections = await rowsOf(
    engines,
    'SELECT account_id, balance, version, applied_count, folded_seq FROM account_projection',
  );
  const effects = await rowsOf(
    engines,
    'SELECT dedup_key, account_id, account_seq, delta FROM applied_effect ORDER BY id',
  );
  return {
    accounts: accounts.map((row) => ({
      accountId: integer(row.account_id),
      balance: integer(row.balance),
      accountSeq: integer(row.account_seq),
    })),
    ledger: ledger.map((row) => ({ txId: String(row.tx_id), ...legOf(row) })),
    outbox: outbox.map((row) => ({
      dedupKey: String(row.dedup_key),
      accountId: integer(row.account_id),
      status: String(row.status),
      sentPartition: row.sent_partition == null ? null : Number(row.sent_partition),
      sentOffset: row.sent_offset == null ? null : integer(row.sent_offset),
    })),
    projections: projections.map((row) => ({
      accountId: integer(row.account_id),
      balance: integer(row.balance),
      version: integer(row.version),
      appliedCount: integer(row.applied_count),
      foldedSeq: integer(row.folded_seq),
    })),
    effects: effects.map((row) => ({ dedupKey: String(row.dedup_key), ...legOf(row) })),
  };
}

type Row = Awaited<ReturnType<typeof rowsOf>>[number];

function legOf(row: Row): { accountId: bigint; accountSeq: bigint; delta: bigint } {
  return { accountId: integer(row.account_id), accountSeq: integer(row.account_seq), delta: integer(row.delta) };
}

function integer(value: string | number | null | undefined): bigint {
  if (value == null) throw new Error('a column that must hold a number is empty');
  return BigInt(value);
}

async function collectTopic({ kafka, scope, endpoints }: ScopeEngines): Promise<TopicRecord[]> {
  const codec = await balanceCodec(endpoints.registry, scope.topics.events);
  const records: TopicRecord[] = [];
  for await (const { partition, offset, headers, value } of scanTopic(kafka, scope.topics.events)) {
    const dedupKey = headerText(headers, headerNames.dedupKey) ?? null;
    records.push({ partition, offset, dedupKey, event: await eventIn(value, codec) });
  }
  return records;
}

/** null for bytes that are no event: a fact to be judged, not an error of the collection. */
async function eventIn(value: Buffer | null, codec: BalanceCodec): Promise<TopicRecord['event']> {
  if (value === null) return null;
  try {
    const { dedupKey, accountId, accountSeq, delta } = await codec.decode(value);
    return { dedupKey, accountId, accountSeq, delta };
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

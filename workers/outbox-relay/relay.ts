import { messageOf } from '../../infra/errors.ts';
import type { Connection } from '../../infra/mysql/pool.ts';
import type { WorkerContext } from '../host/worker.ts';
import { type ClaimedRow, claim } from './claim.ts';
import { markFailed, markSent } from './mark.ts';
import { LeaseRanOut, type Published } from './publish.ts';
import type { Shards } from './shards.ts';

export interface RelayOptions {
  readonly batchSize: number;
  readonly trace: boolean;
}

type Effects = Pick<
  WorkerContext,
  'clock' | 'counters' | 'failpoint' | 'journal' | 'log' | 'report' | 'clear' | 'signal'
> & {
  readonly connection: Connection;
  readonly shards: Shards;
  readonly publish: (rows: readonly ClaimedRow[]) => Promise<Published>;
};

const idleSleepMinMs = 5;
const idleSleepMaxMs = 40;
/** After a small batch: the next one is then a little larger, and brokers are spared hundreds of tiny requests. */
const lingerMs = 10;
const backoffMaxMs = 2_000;

/**
 * Claim, publish, mark, until stopped. Idle, it claims all owned shards at once, for latency; a full batch means a
 * backlog, and then each shard is drained by itself, for throughput. Kafka failing backs off and kills no row.
 * @throws when the database connection fails or the leases ran out: the process is then started anew, with leases to win
 * again.
 */
export async function relay({ batchSize, trace }: RelayOptions, effects: Effects): Promise<void> {
  const { clock, shards, signal } = effects;
  let idleMs = idleSleepMinMs;
  let failures = 0;
  while (!signal.aborted) {
    const owned = await shards.owned();
    const outcome = owned.length === 0 ? 'idle' : await pass(owned, { batchSize, trace }, effects);
    failures = outcome === 'failed' ? failures + 1 : 0;
    idleMs = outcome === 'idle' ? Math.min(idleMs * 2, idleSleepMaxMs) : idleSleepMinMs;
    const pauseMs = { failed: Math.min(50 * 2 ** failures, backoffMaxMs), idle: idleMs, moved: lingerMs, drained: 0 };
    if (pauseMs[outcome] > 0) await clock.sleep(pauseMs[outcome], signal).catch(() => {});
  }
}

/** drained: there was a backlog, and there may be more of it. */
type Outcome = 'idle' | 'moved' | 'drained' | 'failed';

async function pass(owned: readonly number[], options: RelayOptions, effects: Effects): Promise<Outcome> {
  const merged = await step(owned, options, effects);
  if (merged.outcome !== 'moved' || merged.claimed < options.batchSize) return merged.outcome;
  for (const shard of owned) if ((await drain(shard, options, effects)) === 'failed') return 'failed';
  return 'drained';
}

/** One shard until its backlog is gone, its lease is lost (a long drain must keep renewing it), or Kafka fails. */
async function drain(shard: number, options: RelayOptions, effects: Effects): Promise<Outcome> {
  while (!effects.signal.aborted && (await effects.shards.owned()).includes(shard)) {
    const { outcome, claimed } = await step([shard], options, effects);
    if (outcome === 'failed' || claimed < options.batchSize) return outcome;
  }
  return 'moved';
}

async function step(
  shards: readonly number[],
  { batchSize, trace }: RelayOptions,
  { clock, connection, counters, failpoint, journal, log, publish, report, clear }: Effects,
): Promise<{ readonly outcome: Outcome; readonly claimed: number }> {
  const rows = await claim(connection, { shards, limit: batchSize });
  if (rows.length === 0) return { outcome: 'idle', claimed: 0 };
  counters.add('claimed', rows.length);
  failpoint('relay.after-claim');
  let published: Published;
  try {
    published = await publish(rows);
  } catch (error) {
    if (error instanceof LeaseRanOut) throw error;
    counters.add('sendFailures');
    report({ key: 'kafka', message: `cannot send: ${messageOf(error)}` });
    return { outcome: 'failed', claimed: rows.length };
  }
  clear('kafka');
  counters.add('sends');
  counters.add('acked', published.sent.length);
  if (trace) traceSent(rows, published, (dedupKey) => journal.append({ kind: 'sent', dedupKey, at: clock.now() }));
  failpoint('relay.after-ack');
  counters.add('marked', await markSent(connection, published.sent));
  for (const { row, problem } of published.failed) {
    counters.add('rowFailures');
    log.warn(`outbox row ${row.id} cannot be sent: ${problem}`);
    await markFailed(connection, row, problem);
  }
  return { outcome: 'moved', claimed: rows.length };
}

function traceSent(rows: readonly ClaimedRow[], { sent }: Published, trace: (dedupKey: string) => void): void {
  const ids = new Set(sent.map(({ id }) => id));
  for (const row of rows) if (ids.has(row.id)) trace(row.dedupKey);
}

import { z } from 'zod';
import { EngineError } from '../errors.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../probes/reading.ts';
import { workersHealth } from '../probes/stack/workers-health.ts';
import type { Target } from '../target.ts';
import { printable } from '../text.ts';

/** Whether the evidence that dedupes made redelivered events harmless. */
export interface Redelivered {
  /** As the workers that beat now have counted since they began. */
  readonly redelivered: Part<number>;
  /** Effects of the journal's end that were looked at. */
  readonly effects: Part<number>;
  /** Of these, the ones that are there more than once. */
  readonly doubled: Part<readonly { readonly dedupKey: string; readonly times: number }[]>;
}

const journalRows = 20_000;

export async function readRedelivered(target: Target): Promise<Redelivered> {
  const [redelivered, journal] = await Promise.all([
    part(() => countedByWorkers(target)),
    part(() => doubledInJournal(target)),
  ]);
  return {
    redelivered,
    effects: journal.known ? known(journal.value.effects) : journal,
    doubled: journal.known ? known(journal.value.doubled) : journal,
  };
}

async function part<T>(read: () => Promise<T>): Promise<Part<T>> {
  try {
    return known(await read());
  } catch (error) {
    if (error instanceof UnknownValue || error instanceof EngineError) return unknownPart(error.message);
    throw error;
  }
}

async function countedByWorkers(target: Target): Promise<number> {
  const { workers } = await workersHealth.read(target, {
    signal: new AbortController().signal,
    previous: undefined,
    nowMs: 0,
  });
  return workers.reduce((sum, { counters }) => sum + (counters.redelivered ?? 0), 0);
}

const rowsOf = z.object({ effects: z.coerce.number() });
const doubledRow = z.object({ dedup_key: z.string(), times: z.coerce.number() });

async function doubledInJournal({ mysql, roles }: Target) {
  const { effects } = roles;
  if (effects?.id === undefined) throw new UnknownValue(notMapped);
  const [table, id, key] = [effects.table, effects.id, effects.dedupKey].map(quote);
  const latest = `SELECT ${key} AS dedup_key FROM ${table} ORDER BY ${id} DESC LIMIT ${journalRows}`;
  const [counted] = await mysql.query(`SELECT COUNT(*) AS effects FROM (${latest}) latest`, [], rowsOf);
  const doubled = await mysql.query(
    `SELECT LEFT(dedup_key, 200) AS dedup_key, COUNT(*) AS times FROM (${latest}) latest
     GROUP BY dedup_key HAVING COUNT(*) > 1 LIMIT 1000`,
    [],
    doubledRow,
  );
  return {
    effects: counted?.effects ?? 0,
    doubled: doubled.map(({ dedup_key, times }) => ({ dedupKey: printable(dedup_key), times })),
  };
}

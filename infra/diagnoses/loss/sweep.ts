import { z } from 'zod';
import { systemClock } from '../../clock.ts';
import { EngineError } from '../../errors.ts';
import type { Subject } from '../../probes/probe.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../../probes/reading.ts';
import type { Target } from '../../target.ts';
import type { AskContext } from '../diagnosis.ts';
import type { AppliedRung } from './applied.ts';
import {
  outboxRowsOf,
  type Suspect,
  suspectLegs,
  suspectRows,
  type Unsent,
  unsentRows,
  walkOfLedger,
  walkOfOutbox,
} from './suspects.ts';
import { type Committed, type Ends, readEnds } from './topic.ts';
import { type Walk, type Window, walk } from './windows.ts';

/** What going through the tables came to, before anything was looked up in the topic. */
export interface Swept {
  /** Rows gone through; unknown where the table cannot be read. */
  readonly legs: Part<number>;
  readonly outboxRows: Part<number>;
  /** To be looked at closely. */
  readonly candidates: readonly Suspect[];
  /** More than are kept in memory: these are not judged. */
  readonly leftOut: number;
  /** On their way: not replicated yet, or ahead of what the consumer has committed. */
  readonly pending: number;
  readonly expired: number;
  /** Rows of the outbox that were not sent. */
  readonly unsent: Unsent;
}

const nothing: Unsent = { pending: 0, dead: 0, skipped: 0 };

/** So many are looked at closely; a consumer that stands still for long has millions ahead of it. */
const candidatesMax = 20_000;
/** Events ahead of the consumer are pending, those below the log's start expired; so many of each are looked at closely all the same. */
const closelyMax = 2_000;

const progress = {
  legs: { ko: '원장 행', en: 'ledger rows' },
  rows: { ko: '아웃박스 행', en: 'outbox rows' },
} as const;

/** Goes through ledger and outbox in windows. @throws EngineError; InterruptedError. What is not mapped is said so. */
export async function sweep(
  target: Target,
  { subject, signal, onProgress }: AskContext,
  { rungs, committed }: { readonly rungs: readonly AppliedRung[]; readonly committed: Committed },
): Promise<Swept> {
  const sorter = new Sorter(target, committed);
  const { roles, mysql } = target;
  const { ledger, outbox } = roles;
  const through = async (what: keyof typeof progress, table: Walk | undefined, look: Look): Promise<Part<number>> => {
    if (table === undefined) return unknownPart(notMapped);
    const of = await estimatedRows(target, table.table, subject);
    let done = 0;
    const onRows = (rows: number): void => {
      done += rows;
      onProgress({ what: progress[what], done, of: of === undefined ? undefined : Math.max(of, done) });
    };
    try {
      return known(
        await walk(mysql, table, { clock: systemClock, signal, onRows }, async (window, timeoutMs) =>
          sorter.sort(await look(table, window, timeoutMs)),
        ),
      );
    } catch (error) {
      if (error instanceof UnknownValue) return unknownPart(error.message);
      throw error;
    }
  };
  const byAccount = subject.accountId !== undefined;
  const legs = await through('legs', ledger && walkOfLedger(ledger, subject), async (table, window, timeoutMs) => {
    if (ledger === undefined) return [];
    const look = { rungs, walk: table, window, timeoutMs };
    if (!byAccount || outbox === undefined) return suspectLegs(mysql, { ...roles, ledger }, look);
    // Few rows: all legs of the account that are not applied, each with its outbox row.
    const suspects = await suspectLegs(mysql, { ...roles, ledger }, { ...look, whateverTheOutbox: true });
    return withOutboxRows(target, suspects);
  });
  const rows = await through('rows', outbox && walkOfOutbox(outbox, subject), async (table, window, timeoutMs) =>
    outbox === undefined ? [] : suspectRows(mysql, outbox, { rungs, walk: table, window, timeoutMs }),
  );
  const wayOut = outbox && walkOfOutbox(outbox, subject);
  const unsent =
    outbox === undefined || wayOut === undefined || !rows.known
      ? nothing
      : await unsentRows(mysql, outbox, wayOut.only);
  const outboxRows = byAccount && outbox !== undefined ? legs : rows;
  return { legs, outboxRows, unsent, ...sorter };
}

type Look = (table: Walk, window: Window, timeoutMs: number) => Promise<readonly Suspect[]>;

const estimate = z.object({ estimated: z.coerce.number().nullable() });

/** For the progress alone; nobody may wait for it. */
async function estimatedRows({ mysql, roles }: Target, table: string, subject: Subject): Promise<number | undefined> {
  if (Object.keys(subject).length > 0) return undefined;
  const sql = `SELECT MAX(TABLE_ROWS) AS estimated FROM information_schema.tables WHERE table_schema = ? AND table_name = ?`;
  const rows = await mysql.query(sql, [roles.database, table], estimate).catch((error) => {
    if (error instanceof UnknownValue || error instanceof EngineError) return [];
    throw error;
  });
  return rows[0]?.estimated ?? undefined;
}

async function withOutboxRows({ mysql, roles }: Target, suspects: readonly Suspect[]): Promise<readonly Suspect[]> {
  if (roles.outbox === undefined) return suspects;
  const rows = await outboxRowsOf(
    mysql,
    roles.outbox,
    suspects.map(({ dedupKey }) => dedupKey),
  );
  return suspects.flatMap((suspect) => {
    const row = rows.get(suspect.dedupKey);
    if (row === undefined) return [suspect];
    if (row.status !== roles.outbox?.statusValues.sent) return [];
    return [{ ...suspect, source: 'outbox' as const, rowId: row.rowId, sent: row.sent }];
  });
}

/** Sorts suspects as they come, so that a consumer that is far behind costs no memory. */
class Sorter {
  readonly candidates: Suspect[] = [];
  leftOut = 0;
  pending = 0;
  expired = 0;
  #ahead = 0;
  #behind = 0;
  readonly #target: Target;
  readonly #committed: Committed;

  constructor(target: Target, committed: Committed) {
    this.#target = target;
    this.#committed = committed;
  }

  async sort(suspects: readonly Suspect[]): Promise<void> {
    if (suspects.length === 0) return;
    // After the rows: what lies beyond the log's end as it is now was cut off.
    const ends = await readEnds(this.#target);
    for (const suspect of suspects) this.#sortOne(suspect, ends);
  }

  #sortOne(suspect: Suspect, endsOf: (partition: number) => Part<Ends>): void {
    const { sent } = suspect;
    const ends = sent === undefined ? undefined : endsOf(sent.partition);
    if (sent !== undefined && ends?.known) {
      const { logStart, highWatermark, logEnd } = ends.value;
      if (logStart.known && sent.offset < logStart.value && this.#behind++ >= closelyMax) {
        this.expired += 1;
        return;
      }
      const isAhead = highWatermark.known && logEnd.known && sent.offset < logEnd.value && this.#isAhead(sent);
      if (isAhead && (sent.offset >= highWatermark.value || this.#ahead++ >= closelyMax)) {
        this.pending += 1;
        return;
      }
    }
    if (this.candidates.length < candidatesMax) this.candidates.push(suspect);
    else this.leftOut += 1;
  }

  #isAhead({ partition, offset }: NonNullable<Suspect['sent']>): boolean {
    const committed = this.#committed(partition);
    return committed.known && (committed.value === undefined || offset >= committed.value);
  }
}

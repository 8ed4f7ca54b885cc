import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { type JournalEntry, journalEntry } from '../../workers/protocol/journal.ts';

/**
 * The ground truth of one arm: what writer and workers wrote down themselves, never read from the engines under test.
 */
export interface History {
  readonly transfers: ReadonlyMap<string, JournalledTransfer>;
  readonly failpoints: readonly FiredFailpoint[];
  /** By stage and dedup_key, when it was reached for the first time; filled only where workers trace. */
  readonly stages: Readonly<Record<Stage, ReadonlyMap<string, number>>>;
  /** Lines cut short, and ends without a beginning. A SIGKILL may cut one; more means that the journal is damaged. */
  readonly tornLines: number;
}

export type Stage = 'sent' | 'applied' | 'invalidated';

export interface JournalledTransfer {
  readonly txId: string;
  readonly from: bigint;
  readonly to: bigint;
  /** `info`: nobody can know from here. Also the outcome of a transfer that has no end in the journal. */
  readonly outcome: 'ok' | 'fail' | 'info';
  readonly invokedAtMs: number;
  readonly endedAtMs: number | undefined;
}

export interface FiredFailpoint {
  readonly worker: string;
  readonly name: string;
  readonly pass: number;
  readonly pid: number;
  readonly atMs: number;
}

/** A line of a worker's journal. */
export interface JournalLine {
  readonly worker: string;
  readonly text: string;
}

/** Pure; `readHistory` feeds it from disk. Lines of one worker must come in the order they were written. */
export function historyOf(lines: Iterable<JournalLine>): History {
  const history = {
    transfers: new Map<string, JournalledTransfer>(),
    failpoints: [] as FiredFailpoint[],
    stages: { sent: new Map<string, number>(), applied: new Map<string, number>(), invalidated: new Map() },
    tornLines: 0,
  };
  for (const { worker, text } of lines) {
    const { entry, torn } = entryOf(text);
    if (torn) history.tornLines += 1;
    if (entry !== undefined) record(history, worker, entry);
  }
  return history;
}

interface GrowingHistory extends History {
  readonly transfers: Map<string, JournalledTransfer>;
  readonly failpoints: FiredFailpoint[];
  readonly stages: Record<Stage, Map<string, number>>;
  tornLines: number;
}

function record(history: GrowingHistory, worker: string, entry: JournalEntry): void {
  const { transfers, failpoints, stages } = history;
  switch (entry.kind) {
    case 'invoke': {
      const { txId, from, to, at } = entry;
      const accounts = { from: BigInt(from), to: BigInt(to) };
      transfers.set(txId, { txId, ...accounts, outcome: 'info', invokedAtMs: at, endedAtMs: undefined });
      return;
    }
    case 'ok':
    case 'fail':
    case 'info': {
      const invoked = transfers.get(entry.txId);
      if (invoked === undefined) history.tornLines += 1;
      else transfers.set(entry.txId, { ...invoked, outcome: entry.kind, endedAtMs: entry.at });
      return;
    }
    case 'failpoint':
      failpoints.push({ worker, name: entry.name, pass: entry.pass, pid: entry.pid, atMs: entry.at });
      return;
    case 'planted':
    case 'forwarded':
      return; // for those who planted, and for the ladder's own measurement
    default:
      if (!stages[entry.kind].has(entry.dedupKey)) stages[entry.kind].set(entry.dedupKey, entry.at);
  }
}

/** Reads every `<worker>.ndjson` of a folder; a folder that does not exist is an empty history. */
export async function readHistory(folder: string): Promise<History> {
  const files = await readdir(folder).catch(() => []);
  const lines: JournalLine[] = [];
  for (const file of files.filter((name) => name.endsWith('.ndjson')).sort()) {
    const worker = basename(file, '.ndjson');
    for await (const text of createInterface({ input: createReadStream(join(folder, file)) })) {
      if (text !== '') lines.push({ worker, text });
    }
  }
  return historyOf(lines);
}

/** Behind the piece that a killed process left, its successor's first entry stands on the same line: that one is whole. */
function entryOf(line: string): { readonly entry: JournalEntry | undefined; readonly torn: boolean } {
  const start = line.lastIndexOf('{"kind"');
  try {
    return { entry: journalEntry.parse(JSON.parse(line.slice(Math.max(start, 0)))), torn: start > 0 };
  } catch {
    return { entry: undefined, torn: true };
  }
}

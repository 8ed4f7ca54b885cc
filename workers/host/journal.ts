import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JournalEntry } from '../protocol/journal.ts';

/**
 * Appends ground truth with one write(2) an entry, before anyone is told: the page cache survives SIGKILL, and an entry
 * is either whole or absent.
 */
export interface Journal {
  append(entry: JournalEntry): void;
  close(): void;
}

export function openJournal(folder: string | undefined, worker: string): Journal {
  if (folder === undefined) return { append() {}, close() {} };
  mkdirSync(folder, { recursive: true });
  const file = openSync(join(folder, `${worker}.ndjson`), 'a');
  return {
    append: (entry) => void writeSync(file, `${JSON.stringify(entry)}\n`),
    close: () => closeSync(file),
  };
}

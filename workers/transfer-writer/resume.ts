import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { indexOf } from '../domain/transfer.ts';
import { journalEntry } from '../protocol/journal.ts';

/**
 * The first index that was never invoked, from the worker's own journal. A transfer that was in flight when the process
 * died stays as it is: invoked, without an end, its outcome unknown.
 */
export async function nextIndex(journalFile: string | undefined, runId: string): Promise<number> {
  if (journalFile === undefined || !existsSync(journalFile)) return 0;
  let next = 0;
  for await (const line of createInterface({ input: createReadStream(journalFile) })) {
    const entry = journalEntry.safeParse(parsed(line));
    if (!entry.success || entry.data.kind !== 'invoke') continue;
    next = Math.max(next, (indexOf(runId, entry.data.txId) ?? -1) + 1);
  }
  return next;
}

/** SIGKILL may cut the last line short: it was not finished, so it was not said. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

import { z } from 'zod';

/**
 * The ground truth of a run: what the workers themselves did, written by them before anyone is told, never read back
 * from the engines under test. One NDJSON file a worker (`<journalDir>/<worker>.ndjson`), appended by every incarnation.
 */
const at = z.number();
const txId = z.string();

export const journalEntry = z.discriminatedUnion('kind', [
  /** A transfer is about to be tried. Every invoke ends as ok, fail or info; one without an end is info. */
  z.object({ kind: z.literal('invoke'), txId, from: z.string(), to: z.string(), amount: z.string(), at }),
  /** COMMIT was answered. */
  z.object({ kind: z.literal('ok'), txId, at }),
  /** Certainly not committed. */
  z.object({ kind: z.literal('fail'), txId, reason: z.string(), at }),
  /** Outcome unknown to the caller: the connection broke between COMMIT and its answer. */
  z.object({ kind: z.literal('info'), txId, reason: z.string(), at }),
  /** The process is about to SIGKILL itself here. */
  z.object({ kind: z.literal('failpoint'), name: z.string(), pass: z.number().int(), pid: z.number().int(), at }),
  /** The writer made this event one that cannot be handled; said before the transfer is tried. */
  z.object({ kind: z.literal('planted'), txId, dedupKey: z.string(), class: z.string(), at }),
  /** A record left its rung: when it was due, and when its copy on the main topic was acked. */
  z.object({ kind: z.literal('forwarded'), dueAt: z.number(), at }),
  /** Times of the stages of one event, by the worker's own clock; written only where the boot option `trace` is true. */
  z.object({ kind: z.literal('sent'), dedupKey: z.string(), at }),
  z.object({ kind: z.literal('applied'), dedupKey: z.string(), at }),
  z.object({ kind: z.literal('invalidated'), dedupKey: z.string(), at }),
]);
export type JournalEntry = z.infer<typeof journalEntry>;

import { z } from 'zod';
import { recordedAnswer } from './diagnosed-answer.ts';

/**
 * What the engines held when an arm had settled, as it is written to `state/<arm>.json.gz` and judged from there. 64-bit
 * integers are decimal strings on disk and bigint in memory.
 */
const integer = z.string().transform(BigInt);

const account = z.object({ accountId: integer, balance: integer, accountSeq: integer });
const leg = z.object({ txId: z.string(), accountId: integer, accountSeq: integer, delta: integer });
const outboxRow = z.object({
  dedupKey: z.string(),
  accountId: integer,
  status: z.string(),
  sentPartition: z.number().nullable(),
  sentOffset: integer.nullable(),
});
const projection = z.object({
  accountId: integer,
  balance: integer,
  version: integer,
  appliedCount: integer,
  foldedSeq: integer,
});
/** In the order of applied_effect.id. */
const effect = z.object({ dedupKey: z.string(), accountId: integer, accountSeq: integer, delta: integer });
/** Partition by partition, each in the order of its offsets. */
const topicRecord = z.object({
  partition: z.number(),
  offset: integer,
  /** From the record's header; null where there is none. */
  dedupKey: z.string().nullable(),
  /** Decoded from the value; null where the bytes are no event. */
  event: z.object({ dedupKey: z.string(), accountId: integer, accountSeq: integer, delta: integer }).nullable(),
});
const cachedKey = z.object({ accountId: integer, text: z.string() });

export const finalState = z.object({
  accounts: z.array(account),
  ledger: z.array(leg),
  outbox: z.array(outboxRow),
  projections: z.array(projection),
  effects: z.array(effect),
  topic: z.array(topicRecord),
  cache: z.array(cachedKey),
  /** What the diagnoses that the arm compares said of its scope. Runs recorded before there were any have none. */
  diagnosed: z.array(recordedAnswer).default([]),
  /** Counters by worker name, summed over its incarnations. */
  counters: z.record(z.string(), z.record(z.string(), z.number())),
  /** By worker name, how many processes it took: 1 for one that never died. */
  incarnations: z.record(z.string(), z.number()),
  /** False: the pipeline did not come to rest before the deadline, so absence proves nothing yet. */
  settled: z.boolean(),
});
export type FinalState = z.infer<typeof finalState>;
export type LedgerLeg = z.infer<typeof leg>;
export type TopicRecord = z.infer<typeof topicRecord>;

export function encodeFinalState(state: FinalState): string {
  return JSON.stringify(state, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** @throws ZodError or SyntaxError when the text was not written by `encodeFinalState`. */
export function decodeFinalState(text: string): FinalState {
  return finalState.parse(JSON.parse(text));
}

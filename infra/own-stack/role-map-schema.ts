import { z } from 'zod';

/**
 * The role map as it stands in labctl.yaml: the shape of infra/contract/role-map.ts, the same camelCase names. Each role
 * may be left out; inside one, what is optional there is optional here. A test holds the two against each other.
 */
const name = z.string().min(1);
const some = (required: readonly string[], optional: readonly string[] = []) =>
  z.strictObject({
    ...Object.fromEntries(required.map((key) => [key, name])),
    ...Object.fromEntries(optional.map((key) => [key, name.optional()])),
  });

const processed = some(
  ['table', 'consumer', 'dedupKey'],
  ['projector', 'outcome', 'topic', 'partition', 'offset', 'processedAt'],
);

const outbox = z.strictObject({
  ...some(
    ['table', 'id', 'dedupKey', 'status', 'createdAt', 'sentAt'],
    ['eventId', 'eventType', 'accountId', 'attempts', 'nextAttemptAt', 'lastError', 'sentPartition', 'sentOffset'],
  ).shape,
  // A status that is not used counts no rows.
  statusValues: z
    .strictObject({
      pending: name.default('PENDING'),
      sent: name.default('SENT'),
      dead: name.default('DEAD'),
      skipped: name.default('SKIPPED'),
    })
    .prefault({}),
});

export const roleMapSchema = z.strictObject({
  outbox: outbox.optional(),
  effects: some(
    ['table', 'dedupKey', 'appliedAt'],
    ['id', 'accountId', 'accountSeq', 'delta', 'partition', 'offset'],
  ).optional(),
  ledger: some(['table', 'id', 'txId', 'accountId', 'delta', 'createdAt'], ['accountSeq', 'dedupKey']).optional(),
  accounts: some(['table', 'accountId', 'balance'], ['accountSeq', 'openingBalance']).optional(),
  projection: some(['table', 'accountId', 'balance'], ['version', 'appliedCount', 'foldedSeq', 'updatedAt']).optional(),
  heartbeats: some(['table'], ['topKeys']).optional(),
  deadLetters: some(
    ['table', 'id', 'class', 'exception', 'message', 'eventType', 'fingerprint', 'copies', 'deadAt', 'indexedAt'],
    ['dedupKey', 'originTopic', 'originPartition', 'originOffset'],
  ).optional(),
  deadLetterPositions: some(['table', 'consumer', 'indexer', 'topic', 'partition', 'nextOffset']).optional(),
  deliveryFailures: some(
    ['table', 'consumer', 'dedupKey', 'dedupKeyIndex', 'rung', 'dueAt', 'failedAt'],
    ['topic', 'partition', 'offset', 'attempt', 'class', 'exception', 'message', 'settledAt'],
  ).optional(),
  processed: processed.optional(),
  processedArchive: processed.optional(),
  cache: z
    .strictObject({
      keyPattern: name.refine((pattern) => pattern.includes('{account_id}'), 'it must hold {account_id}'),
      format: z.enum(['labctl', 'balance']).default('balance'),
    })
    .optional(),
  topics: some([], ['events', 'retry5s', 'retry1m', 'dlq']).prefault({}),
  groups: z.record(name, some(['groupId', 'topic'])).default({}),
});

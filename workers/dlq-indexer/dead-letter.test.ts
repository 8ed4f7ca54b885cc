import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { withFailureHeaders } from '../../infra/contract/failure-headers.ts';
import { loadFailureRules } from '../domain/failure-rules.ts';
import { deadLetterOf } from './dead-letter.ts';

const rules = await loadFailureRules(undefined);
const record = (headers: KafkaMessage['headers']): KafkaMessage =>
  ({
    key: Buffer.from('7'),
    value: Buffer.from([1, 2, 3]),
    offset: '12',
    timestamp: '1700000000000',
    headers,
  }) as unknown as KafkaMessage;
const at = { topic: 'dlq', partition: 2 };

test('a dead letter is read by its headers, and classed by the rules, not by what it says of itself', () => {
  const headers = withFailureHeaders(
    { event_type: 'BalanceAdjusted', dedup_key: 't:7', event_id: 'e1' },
    {
      attempt: 3,
      origin: { topic: 'events', partition: 5, offset: '99' },
      consumer: 'balance-projector',
      class: 'unknown',
      exception: 'TypeError',
      message: 'Cannot read',
      failedAtMs: 1_600_000_000_000,
      dueAtMs: undefined,
    },
  );
  expect(deadLetterOf({ ...at, message: record(headers) }, rules)).toMatchObject({
    origin: { topic: 'events', partition: 5, offset: '99' },
    dedupKey: 't:7',
    eventType: 'BalanceAdjusted',
    recordKey: '7',
    attempt: 3,
    class: 'bug',
    rule: 'programming-error',
    valueBytes: 3,
    failedAtMs: 1_600_000_000_000,
    deadAtMs: 1_700_000_000_000,
  });
});

test('a record that somebody else put there is its own origin, and its class is admitted to be unknown', () => {
  expect(deadLetterOf({ ...at, message: record({}) }, rules)).toMatchObject({
    origin: { topic: 'dlq', partition: 2, offset: '12' },
    class: 'unknown',
    rule: 'none',
    dedupKey: null,
    eventType: null,
    failedAtMs: null,
  });
});

test('hostile headers fit their columns', () => {
  const headers = { dedup_key: '한글', event_id: 'x'.repeat(65), event_type: '타'.repeat(80) };
  const letter = deadLetterOf({ ...at, message: record(headers) }, rules);
  expect(letter).toMatchObject({ dedupKey: null, eventId: null });
  expect(letter.eventType).toHaveLength(64);
});

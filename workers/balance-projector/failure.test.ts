import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { readFailureHeaders } from '../../infra/contract/failure-headers.ts';
import { DecodeError } from '../../infra/registry/codec.ts';
import { loadFailureRules } from '../domain/failure-rules.ts';
import { ladderOf } from '../domain/retry-ladder.ts';
import { failedDelivery } from './failure.ts';
import { DependencyUnavailableError } from './handle.ts';

const rules = await loadFailureRules(undefined);
const plan = { consumer: 'balance-projector', ladder: ladderOf(), rules, nowMs: 1_000_000 };

function record(headers: Record<string, string>): { topic: string; partition: number; message: KafkaMessage } {
  const message = { key: Buffer.from('7'), value: Buffer.from([0, 1]), offset: '42', headers, timestamp: '1' };
  return { topic: 'events', partition: 3, message: message as unknown as KafkaMessage };
}

const off = new DependencyUnavailableError('fx-rates does not answer');

test('a first failure goes to the first rung, due after its delay, with its origin', () => {
  const failed = failedDelivery(record({ dedup_key: 't:7', event_type: 'BalanceConverted' }), off, plan);
  expect(failed).toMatchObject({
    destination: 'retry5s',
    rung: 'retry.5s',
    attempt: 1,
    dueAtMs: 1_005_000,
    class: 'transient',
    dedupKey: 't:7',
  });
  expect(readFailureHeaders(failed.record.headers)).toMatchObject({
    attempt: 1,
    origin: { topic: 'events', partition: 3, offset: '42' },
    exception: 'DependencyUnavailableError',
    dueAtMs: 1_005_000,
  });
  expect(failed.record.headers.dedup_key?.toString()).toBe('t:7');
});

test.each([
  ['2', 'retry1m'],
  ['3', 'dlq'],
])('attempt %s goes to %s', (attempt, destination) => {
  expect(failedDelivery(record({ 'x-attempt': attempt }), off, plan).destination).toBe(destination);
});

test('undecodable bytes and replayed records become dead letters at once', () => {
  const undecodable = failedDelivery(record({}), new DecodeError('no frame'), plan);
  expect(undecodable).toMatchObject({ destination: 'dlq', class: 'schema', dueAtMs: undefined, dedupKey: undefined });
  expect(failedDelivery(record({ 'x-replay-id': 'r1' }), off, plan).destination).toBe('dlq');
});

test('what is not an Error, and texts that no column holds, are cut and named', () => {
  const failed = failedDelivery(record({ dedup_key: 'x'.repeat(97) }), 'boom'.repeat(500), plan);
  expect(failed).toMatchObject({ exception: 'string', class: 'unknown', dedupKey: undefined });
  expect(failed.message).toHaveLength(500);
});

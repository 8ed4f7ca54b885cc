import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { DecodeError } from '../../infra/registry/codec.ts';
import { eventOf } from '../domain/transfer.ts';
import { createCounters } from '../host/counters.ts';
import { invalidateChunk, openLagWindow } from './invalidate.ts';

test('quantiles speak of the last minute: what is older is gone', () => {
  let nowMs = 0;
  const lags = openLagWindow(() => nowMs);
  for (let index = 0; index < 100; index++) lags.record(10_000);
  expect(lags.quantiles().p50).toBeGreaterThan(9_000);
  for (const atMs of [31_000, 62_000]) {
    nowMs = atMs;
    for (let index = 0; index < 100; index++) lags.record(20);
  }
  expect(lags.quantiles()).toEqual({ p50: 20, p99: 20 });
});

test('thousands of chunks cost no memory', () => {
  const lags = openLagWindow(() => 0);
  const readings = (count: number): void => {
    for (let index = 0; index < count; index++) {
      lags.record(index % 500);
      lags.quantiles();
    }
  };
  readings(1_000);
  const before = process.memoryUsage().rss;
  readings(5_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(30e6);
});

test('a record that is no event holds nobody up: the entry that its key names is dropped', async () => {
  const invalidated: bigint[] = [];
  const evicted: string[] = [];
  const counters = createCounters();
  const event = eventOf(
    { accountId: 7n, delta: 1n },
    { txId: 't', eventId: 'e', accountSeq: 3n, atMs: systemClock.now() },
  );
  const keys = ['7', '9', 'no account', '7'];
  const messages = ['good', 'bad', 'bad', 'good'].map((text, offset) => ({
    key: Buffer.from(keys[offset] ?? ''),
    value: Buffer.from(text),
    offset: String(offset),
  }));
  const outcome = await invalidateChunk(
    { topic: 'events', partition: 2, messages: messages as KafkaMessage[], trace: false },
    {
      clock: systemClock,
      counters,
      journal: { append() {}, close() {} },
      failpoint() {},
      lags: openLagWindow(() => 0),
      codec: {
        async decode(value) {
          if (String(value) === 'bad') throw new DecodeError('no frame');
          return event;
        },
      },
      async invalidate(events) {
        invalidated.push(...events.map(({ accountId }) => accountId));
        return events.length;
      },
      async evict(accountIds) {
        evicted.push(...accountIds);
      },
    },
  );
  expect(outcome).toEqual({ done: 4 });
  expect([invalidated, evicted]).toEqual([[7n, 7n], ['9']]);
  expect(counters.snapshot()).toMatchObject({ records: 4, invalidated: 2, undecodable: 2 });
});

import type { KafkaMessage, ProducerRecord } from 'kafkajs';
import { expect, test } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { withFailureHeaders } from '../../infra/contract/failure-headers.ts';
import { createCounters } from '../host/counters.ts';
import { forwardDue } from './forward.ts';

function waiting(offset: number, dueAtMs: number | undefined, attempt = 1): KafkaMessage {
  const headers = withFailureHeaders(
    { dedup_key: `t:${offset}` },
    {
      attempt,
      origin: { topic: 'events', partition: 0, offset: String(offset) },
      consumer: 'c',
      class: 'transient',
      exception: 'E',
      message: 'm',
      failedAtMs: 0,
      dueAtMs,
    },
  );
  return { key: Buffer.from('7'), value: Buffer.from([1]), offset: String(offset), headers } as unknown as KafkaMessage;
}

const tooLarge = 'huge';

function forwarder(nowMs: number) {
  const sent: ProducerRecord[] = [];
  const clock = {
    ...systemClock,
    time: nowMs,
    now: () => clock.time,
    async sleep(ms: number) {
      clock.time += ms;
    },
  };
  const forward = (messages: KafkaMessage[]) =>
    forwardDue(
      { topic: 'retry', partition: 0, messages },
      {
        clock,
        counters: createCounters(),
        journal: { append() {}, close() {} },
        failpoint() {},
        signal: new AbortController().signal,
        topic: 'events',
        deadLetterTopic: 'dlq',
        producer: {
          async send(record) {
            if (record.topic === 'events' && record.messages.some(({ key }) => String(key) === tooLarge)) {
              throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
            }
            sent.push(record);
            return [];
          },
        },
      },
    );
  return { forward, sent, clock };
}

test('what is due goes to the main topic with its attempt raised; what is not keeps its partition waiting', async () => {
  const { forward, sent } = forwarder(10_000);
  const outcome = await forward([waiting(0, 9_000), waiting(1, 10_000, 2), waiting(2, 15_000)]);
  expect(outcome).toEqual({ done: 2, waitMs: 4_950 });
  expect(sent).toHaveLength(1);
  expect(sent[0]?.topic).toBe('events');
  expect(sent[0]?.messages.map(({ headers }) => headers?.['x-attempt'])).toEqual(['2', '3']);
  expect(sent[0]?.messages[0]?.headers).not.toHaveProperty('x-origin-due-at-ms');
  expect(String(sent[0]?.messages[0]?.headers?.['x-origin-offset'])).toBe('0');
});

test('never early: a short wait is slept out in place', async () => {
  const { forward, sent, clock } = forwarder(10_000);
  expect(await forward([waiting(0, 10_120)])).toEqual({ done: 1 });
  expect([sent.length, clock.time]).toEqual([1, 10_120]);
});

test('a stream of records each a little later gives the partition back: others must not wait for all of it', async () => {
  const { forward, sent } = forwarder(10_000);
  const outcome = await forward(Array.from({ length: 50 }, (_, index) => waiting(index, 10_000 + index * 60)));
  expect(outcome.done).toBe(3);
  expect(outcome.waitMs).toBeGreaterThan(0);
  expect(sent.flatMap(({ messages }) => messages)).toHaveLength(3);
});

test('a due time that no rung gives holds nobody up; a long wait is looked at again', async () => {
  const { forward, sent } = forwarder(10_000);
  expect(await forward([waiting(0, 10_000 + 86_400_000), waiting(1, 9_000), waiting(2, 10_000 + 600_000)])).toEqual({
    done: 2,
    waitMs: 60_000,
  });
  expect(sent.flatMap(({ messages }) => messages)).toHaveLength(2);
});

test('a record without a due time is nobody’s to hold back', async () => {
  const { forward, sent } = forwarder(10_000);
  expect(await forward([{ ...waiting(0, undefined), headers: {} } as KafkaMessage])).toEqual({ done: 1 });
  expect(sent[0]?.messages[0]?.headers).toEqual({ 'x-attempt': '2' });
});

test('a record that its headers made too large is dead; those around it go on', async () => {
  const { forward, sent } = forwarder(10_000);
  const huge = { ...waiting(1, 9_000), key: Buffer.from(tooLarge) };
  expect(await forward([waiting(0, 9_000), huge, waiting(2, 9_000)])).toEqual({ done: 3 });
  expect(sent.map(({ topic, messages }) => `${topic} ${messages.length}`)).toEqual(['events 1', 'dlq 1', 'events 1']);
  expect(String(sent[1]?.messages[0]?.headers?.['x-origin-exception'])).toBe('RecordTooLargeError');
});

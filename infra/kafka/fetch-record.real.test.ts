import { expect, inject, onTestFinished, test } from 'vitest';
import { EngineError } from '../errors.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { kafkaClient } from './client.ts';
import { fetchRecord } from './fetch-record.ts';
import { KafkaReader } from './reader.ts';

async function topicOfTen() {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.fetch' });
  const reader = new KafkaReader(endpoints.kafka);
  onTestFinished(() => reader.close());
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: 10 }, (_, index) => ({
    partition: 1,
    key: `k${index}`,
    value: Buffer.alloc(40_000, index),
    headers: { 'x-twice': ['one', 'two'], plain: 'text' },
  }));
  // Batches of five: the asked record stands in the middle of one.
  await producer.send({ topic: topics.dlq, acks: -1, messages: messages.slice(0, 5) });
  await producer.send({ topic: topics.dlq, acks: -1, messages: messages.slice(5) });
  await producer.disconnect();
  const at = (offset: bigint, partition = 1) => fetchRecord(reader, { topic: topics.dlq, partition, offset });
  return { kafka, topic: topics.dlq, at };
}

test('the one record that stands there, whole; beyond the end there is none', async () => {
  const { at } = await topicOfTen();
  for (const offset of [0n, 3n, 7n, 9n]) {
    const found = await at(offset);
    if (found.status !== 'found') throw new Error(`offset ${offset} is ${found.status}`);
    expect(found.record).toMatchObject({ partition: 1, offset, key: Buffer.from(`k${offset}`) });
    expect(found.record.value).toEqual(Buffer.alloc(40_000, Number(offset)));
    expect(Object.keys(found.record.headers)).toEqual(['x-twice', 'plain']);
  }
  expect(await at(10n)).toEqual({ status: 'beyond', highWatermark: 10n });
});

test('a record that retention has deleted is expired', async () => {
  const { kafka, topic, at } = await topicOfTen();
  const admin = kafka.admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic); // kafkajs deletes only in topics whose metadata it has
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '7' }] });
  await admin.disconnect();
  expect(await at(6n)).toEqual({ status: 'expired', logStart: 7n });
  expect((await at(7n)).status).toBe('found');
});

test('a partition that is not there, and brokers that are not', async () => {
  const { at, topic } = await topicOfTen();
  await expect(at(0n, 9)).rejects.toThrow(EngineError);
  const reader = new KafkaReader(['127.0.0.1:1']);
  onTestFinished(() => reader.close());
  await expect(fetchRecord(reader, { topic, partition: 1, offset: 0n })).rejects.toThrow(EngineError);
});

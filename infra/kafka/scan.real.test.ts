import { expect, inject, test } from 'vitest';
import { waitFor } from '../clock.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { kafkaClient } from './client.ts';
import { evictMembers } from './evict-member.ts';
import { scanTopic } from './scan.ts';

test('scans every record once, each partition in the order of its offsets', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.scan' });
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: 3_000 }, (_, index) => ({
    key: String(index % 50),
    value: `${index}:${'x'.repeat(500)}`,
  }));
  for (let start = 0; start < messages.length; start += 500) {
    await producer.send({ topic: topics.events, acks: -1, messages: messages.slice(start, start + 500) });
  }
  await producer.disconnect();

  const values = new Set<string>();
  const next = new Map<number, bigint>();
  for await (const { partition, offset, value } of scanTopic(kafka, topics.events)) {
    expect(offset).toBe(next.get(partition) ?? 0n);
    next.set(partition, offset + 1n);
    values.add(String(value));
  }
  expect(values).toEqual(new Set(messages.map((message) => message.value)));
});

test('an empty topic scans to nothing', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.scan' });
  expect(await Array.fromAsync(scanTopic(kafka, topics.events))).toEqual([]);
});

test('evicts the member with the given client id, and no other', async () => {
  const endpoints = inject('endpoints');
  const { topics, groups } = await freshScope(endpoints);
  const groupId = groups.projector;
  const admin = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.admin' });
  const consumer = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.victim' }).consumer({
    groupId,
    heartbeatInterval: 500,
    maxWaitTimeInMs: 200,
  });
  let joins = 0;
  consumer.on(consumer.events.GROUP_JOIN, () => {
    joins += 1;
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.events] });
  await consumer.run({ eachMessage: async () => {} });
  await waitFor('the first join', () => joins === 1, { timeoutMs: 15_000 });

  expect(await evictMembers(admin, { groupId, clientId: 'test.nobody' })).toBe(0);
  expect(await evictMembers(admin, { groupId, clientId: 'test.victim' })).toBe(1);
  // It is alive, so it notices and joins again: proof that it had really been out.
  await waitFor('the second join', () => joins === 2, { timeoutMs: 15_000 });
  await consumer.disconnect();
});

import { expect, inject, onTestFinished, test } from 'vitest';
import { known, unknownPart } from '../probes/reading.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { kafkaClient } from './client.ts';
import { KafkaReader } from './reader.ts';

test('many places at once: found, expired, beyond, in no partition; each by itself', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const topic = topics.events;
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.records' });
  const reader = new KafkaReader(endpoints.kafka);
  onTestFinished(() => reader.close());
  const [producer, admin] = [kafka.producer(), kafka.admin()];
  await Promise.all([producer.connect(), admin.connect()]);
  onTestFinished(async () => {
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });
  // Small ones in large batches, and large ones that fill a fetch by themselves.
  for (const partition of [0, 1, 2, 3, 4, 5]) {
    const small = Array.from({ length: 300 }, (_, index) => ({ partition, key: `${partition}-${index}`, value: 'x' }));
    await producer.send({ topic, acks: -1, messages: small });
    const large = Array.from({ length: 5 }, (_, index) => ({
      partition,
      key: `${partition}-${300 + index}`,
      value: Buffer.alloc(90_000),
    }));
    for (const message of large) await producer.send({ topic, acks: -1, messages: [message] });
  }
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 5, offset: '10' }] });

  const at = (partition: number, offset: number) => ({ topic, partition, offset: BigInt(offset) });
  const wanted = [0, 1, 2, 3, 4].flatMap((partition) =>
    [304, 7, 0, 150, 299, 302, 300].map((offset) => at(partition, offset)),
  );
  const others = [at(5, 9), at(5, 10), at(5, 305), at(6, 0), { topic: 'no.such.topic', partition: 0, offset: 0n }];
  const keep = { keep: (record: { readonly key: Buffer | null }) => String(record.key) };
  const contents = await reader.recordsAt([...wanted, ...others], keep);
  expect(contents.slice(0, wanted.length)).toEqual(
    wanted.map(({ partition, offset }) => known({ status: 'found', record: `${partition}-${offset}` })),
  );
  expect(contents.slice(wanted.length)).toEqual([
    known({ status: 'expired', logStart: 10n }),
    known({ status: 'found', record: '5-10' }),
    known({ status: 'beyond', highWatermark: 305n }),
    unknownPart('there is no such partition'),
    unknownPart('there is no such topic or partition'),
  ]);
  expect(await reader.recordsAt([], keep)).toEqual([]);
  expect(await reader.recordsAt([at(0, 0)], { ...keep, timeoutMs: 0 })).toEqual([unknownPart('not reached in time')]);
});

test('a control record is a gap, and so is nothing else around it', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.records' });
  const reader = new KafkaReader(endpoints.kafka);
  onTestFinished(() => reader.close());
  const producer = kafka.producer({ transactionalId: topics.events, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  for (const key of ['a', 'b']) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: topics.events, messages: [{ partition: 0, key, value: key }] });
    await transaction.commit();
  }
  const places = [0n, 1n, 2n, 3n].map((offset) => ({ topic: topics.events, partition: 0, offset }));
  expect(await reader.recordsAt(places, { keep: ({ key }) => String(key) })).toEqual([
    known({ status: 'found', record: 'a' }),
    known({ status: 'gap' }),
    known({ status: 'found', record: 'b' }),
    known({ status: 'gap' }),
  ]);
});

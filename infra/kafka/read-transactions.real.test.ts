import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../clock.ts';
import { kafkaCluster } from '../probes/kafka/cluster.ts';
import { kafkaIsr } from '../probes/kafka/isr.ts';
import { kafkaOffsets } from '../probes/kafka/offsets.ts';
import { kafkaTransactions } from '../probes/kafka/transactions.ts';
import type { Probe } from '../probes/probe.ts';
import { known, unknownPart } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import { labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { beginTransaction } from '../testing/plant-transactions.ts';
import { kafkaClient } from './client.ts';

test('transactions, producers, batches, settings and the quorum, as brokers encode them; also without a role map', async () => {
  const endpoints = inject('endpoints');
  const { name, topics } = await freshScope(endpoints);
  const topic = topics.events;
  const lab = labTarget(endpoints, name);
  onTestFinished(() => lab.close());
  const reader = lab.kafka;
  const transactionalId = `${topic}.잔액`;
  const { transaction } = await beginTransaction(
    kafkaClient({ brokers: endpoints.kafka, clientId: 'test' }),
    transactionalId,
    { transactionTimeout: 45_000 },
  );
  await transaction.send({ topic, messages: [1, 2, 3].map((n) => ({ partition: 4, value: `${n}` })) });

  const listed = await reader.transactions({ states: ['Ongoing'] });
  expect(listed.map(({ nodeId }) => nodeId).sort()).toEqual([1, 2, 3]);
  const found = listed.flatMap(({ address, transactions }) =>
    (transactions.known ? transactions.value : [])
      .filter((one) => one.transactionalId === transactionalId)
      .map((one) => ({ ...one, address })),
  );
  expect(found).toMatchObject([{ state: 'Ongoing' }]);
  const { address = '', producerId = -1n } = found[0] ?? {};
  const described = await reader.describeTransactions(address, [transactionalId, 'nobody']);
  expect(described.get(transactionalId)).toMatchObject(
    known({ state: 'Ongoing', timeoutMs: 45_000, producerId, topics: [{ topic, partitions: [4] }] }),
  );
  expect(described.get('nobody')?.known).toBe(false);

  const [producers] = await reader.producers([{ topic, partitions: [4] }]);
  expect(producers?.producers).toMatchObject(known([{ producerId, producerEpoch: 0, startOffset: 0n }]));
  const [absent] = await reader.producers([{ topic, partitions: [77] }]);
  expect(absent?.producers.known).toBe(false);

  await transaction.abort();
  const batches = await waitFor(
    'the marker',
    async () => {
      const [told] = await reader.batches([{ topic, partition: 4, offset: 0n }], 65_536);
      return told?.batches.known && told.batches.value.length > 1 ? told.batches.value : undefined;
    },
    { timeoutMs: 10_000 },
  );
  const written = { producerId, isTransactional: true };
  expect(batches).toMatchObject([
    { ...written, baseOffset: 0n, lastOffset: 2n, recordCount: 3, marker: undefined },
    { ...written, baseOffset: 3n, lastOffset: 3n, recordCount: 1, marker: 'abort' },
  ]);

  const settings = await reader.topicSettings([topic, 'no.such.topic'], ['min.insync.replicas']);
  expect(settings.get(topic)).toEqual(known(new Map([['min.insync.replicas', '2']])));
  expect(settings.get('no.such.topic')).toEqual(unknownPart('there is no such topic or partition'));

  const { leaderId, voters, observers } = await reader.quorum();
  expect(voters.find(({ nodeId }) => nodeId === leaderId)?.lastFetchMs).toBeGreaterThan(1_700_000_000_000);
  expect(observers.map(({ nodeId }) => nodeId).sort()).toEqual([1, 2, 3]);

  const bare = { ...lab, profile: 'own', roles: { database: '', topics: {}, groups: {} } };
  const read = async <T>(probe: Probe<T>): Promise<T> => {
    const reading = await readOnce({ probe, target: bare, before: undefined });
    if (reading.status !== 'ok') throw new Error(`${probe.id}: ${reading.reason}`);
    return reading.value;
  };
  expect((await read(kafkaIsr)).topics).toBeGreaterThanOrEqual(4);
  const offsets = await read(kafkaOffsets);
  expect(offsets.topics.map((one) => one.topic)).toEqual(expect.arrayContaining([topic, '__transaction_state']));
  expect((await read(kafkaTransactions)).partitions.checked).toBeGreaterThanOrEqual(15);
  expect((await read(kafkaCluster)).brokers.map(({ alive }) => alive)).toEqual([true, true, true]);

  const { kafka: _, ...others } = endpoints;
  const without = { ...labTarget({ ...endpoints, kafka: [] }, name), endpoints: others };
  for (const probe of [kafkaCluster, kafkaIsr, kafkaOffsets, kafkaTransactions] as readonly Probe<unknown>[]) {
    const reading = await readOnce({ probe, target: without, before: undefined });
    expect(reading).toMatchObject({ status: 'unknown', reason: expect.stringMatching(/^not mapped/) });
    expect(probe.verifyWith(without)).toEqual([]);
  }
});

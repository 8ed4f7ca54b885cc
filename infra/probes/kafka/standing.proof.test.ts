import type { Kafka } from 'kafkajs';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../../clock.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { transactions } from '../../diagnoses/transactions.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { type LabTarget, labTarget } from '../../target.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { beginTransaction } from '../../testing/plant-transactions.ts';
import type { Probe } from '../probe.ts';
import type { Reading } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { kafkaIsr } from './isr.ts';
import { type KafkaOffsets, kafkaOffsets } from './offsets.ts';
import { kafkaTransactions } from './transactions.ts';

const endpoints = inject('endpoints');

async function prepared(): Promise<{ kafka: Kafka; target: LabTarget; topic: string }> {
  const { name, topics } = await freshScope(endpoints);
  const target = labTarget(endpoints, name);
  onTestFinished(() => target.close());
  return { kafka: kafkaClient({ brokers: endpoints.kafka, clientId: 'test.standing' }), target, topic: topics.events };
}

async function valueNow<T>(probe: Probe<T>, target: LabTarget): Promise<T> {
  const reading = await readOnce({ probe, target, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  return reading.value;
}

test('a transaction open for more than 10 s is found, exactly it', async () => {
  const { kafka, target, topic } = await prepared();
  const open = await beginTransaction(kafka, `${topic}.open`);
  await open.transaction.send({ topic, messages: [2, 3].map((partition) => ({ partition, value: 'open' })) });
  expect((await diagnose({ diagnosis: transactions, target })).status).toBe('clean');
  let reading = await readOnce({ probe: kafkaOffsets, target, before: undefined });
  const found = await waitFor(
    'its tenth second',
    async () => {
      reading = await readOnce({ probe: kafkaOffsets, target, before: reading });
      const answer = await diagnose({ diagnosis: transactions, target });
      return answer.status === 'clean' ? undefined : answer;
    },
    { timeoutMs: 30_000, intervalMs: 500 },
  );
  expect(found).toMatchObject({ status: 'finding', counts: { open: 1, hanging: 0, late: 0, heldPartitions: 2 } });
  expect(found.findings.map(({ key }) => key)).toEqual([`transactions.open.${topic}.open`]);
  const value = await waitFor(
    'the LSO to have stood for ten seconds since the first reading',
    async () => {
      reading = await readOnce({ probe: kafkaOffsets, target, before: reading });
      return reading.status === 'ok' && kafkaOffsets.judge(reading.value).length > 0 ? reading.value : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 500 },
  );
  expect(kafkaOffsets.judge(value)[0]?.text.en).toContain('partition 2, 3: an open transaction has held the LSO');
  await open.transaction.commit();
  reading = await waitFor(
    'the gap to close',
    async () => {
      const now = await readOnce({ probe: kafkaOffsets, target, before: reading });
      return now.status === 'ok' && kafkaOffsets.judge(now.value).length === 0 ? now : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 250 },
  );
  expect((await diagnose({ diagnosis: transactions, target })).status).toBe('clean');
});

test('silent while transactional producers commit without a pause', async () => {
  const { kafka, target, topic } = await prepared();
  let busy = true;
  let committed = 0;
  const producing = [1, 2].map(async (number) => {
    const { producer, transaction } = await beginTransaction(kafka, `${topic}.busy-${number}`);
    await transaction.commit();
    while (busy) {
      const next = await producer.transaction();
      await next.send({ topic, messages: [0, 1, 2, 3, 4, 5].map((partition) => ({ partition, value: 'x' })) });
      await (committed % 7 === 3 ? next.abort() : next.commit());
      committed += 1;
    }
  });
  try {
    const until = systemClock.monotonic() + 25_000;
    let offsets: Reading<KafkaOffsets> | undefined;
    while (systemClock.monotonic() < until) {
      offsets = await readOnce({ probe: kafkaOffsets, target, before: offsets });
      expect(offsets.status === 'ok' && kafkaOffsets.judge(offsets.value)).toEqual([]);
      const value = await valueNow(kafkaTransactions, target);
      expect(value).toMatchObject({ hanging: [], unsure: [], silent: [] });
      expect(kafkaTransactions.judge(value)).toEqual([]);
      expect(kafkaIsr.judge(await valueNow(kafkaIsr, target))).toEqual([]);
      expect((await diagnose({ diagnosis: transactions, target })).status).toBe('clean');
    }
  } finally {
    busy = false;
    await Promise.all(producing);
  }
  expect(committed).toBeGreaterThan(20);
});

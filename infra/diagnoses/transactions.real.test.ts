import type { Kafka } from 'kafkajs';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../clock.ts';
import type { Scope } from '../contract/scope.ts';
import { kafkaClient } from '../kafka/client.ts';
import { labTarget, type Target } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { beginTransaction, plantHangingTransaction, readCommitted } from '../testing/plant-transactions.ts';
import { diagnose } from './run.ts';
import { transactions } from './transactions.ts';

const endpoints = inject('endpoints');

async function prepared(): Promise<{ kafka: Kafka; target: Target; scope: Scope; topic: string }> {
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  onTestFinished(() => target.close());
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.transactions' });
  return { kafka, target, scope, topic: scope.topics.events };
}

const messages = (count: number, partition: number, value = 'x') => Array(count).fill({ partition, value });

test('clean; overlapping aborts are explained and leak nothing; a hanging one is found exactly', async () => {
  const { kafka, target, scope, topic } = await prepared();
  const clean = await diagnose({ diagnosis: transactions, target });
  expect(clean).toMatchObject({ status: 'clean', counts: { partitions: 15, hanging: 0, open: 0, abortedRecords: 0 } });

  // Two overlap, and the later one aborts first: without the patch of kafkajs its consumer shows records of the other.
  const plain = kafka.producer();
  await plain.connect();
  onTestFinished(() => plain.disconnect());
  const first = await beginTransaction(kafka, `${topic}.a`);
  await first.transaction.send({ topic, messages: messages(3, 0, 'aborted') });
  const second = await beginTransaction(kafka, `${topic}.b`);
  await second.transaction.send({ topic, messages: messages(2, 0, 'aborted') });
  await second.transaction.abort();
  await first.transaction.abort();
  await plain.send({ topic, messages: messages(1, 0, 'visible') });
  const third = await beginTransaction(kafka, `${topic}.c`);
  await third.transaction.send({ topic, messages: messages(1, 0, 'committed') });
  await third.transaction.commit();
  const seen = await readCommitted(kafka, { topic, groupId: scope.groups.invalidator, last: 'committed' });
  expect(seen).toEqual(['visible', 'committed']);

  const aborted = await diagnose({ diagnosis: transactions, target });
  expect(aborted).toMatchObject({ status: 'clean', counts: { abortedRecords: 5, markers: 3, heldPartitions: 0 } });
  expect(aborted.explanation.en).toContain(`${topic}/0 0–4 (5 aborted)`);
  expect(aborted.explanation.ko).toContain('유실이 아닙니다');

  const hanging = { topic, partition: 1, transactionalId: `${topic}.h`, records: 2 };
  await plain.send({ topic, messages: messages(3, 1) });
  const { producerId, producerEpoch } = await plantHangingTransaction(kafka, hanging);
  await plain.send({ topic, messages: messages(4, 1, 'behind') });
  const found = await waitFor(
    'the records behind it to be replicated',
    async () => {
      const answer = await diagnose({ diagnosis: transactions, target });
      return answer.findings[0]?.evidence[0]?.records_held === '6' ? answer : undefined;
    },
    { timeoutMs: 10_000, intervalMs: 250 },
  );
  expect(found.counts).toMatchObject({ hanging: 1, open: 0, late: 0, heldPartitions: 1 });
  expect(found.findings).toHaveLength(1);
  expect(found.findings[0]).toMatchObject({
    kind: 'hanging',
    severity: 'critical',
    trace: `${topic}/1/3`,
    evidence: [
      {
        topic,
        partition: 1,
        producer_id: String(producerId),
        producer_epoch: producerEpoch,
        start_offset: '3',
        transactional_id: hanging.transactionalId,
        coordinator_state: 'Empty',
      },
      { group: scope.groups.projector, waits_for_records: '6' },
      { group: scope.groups.invalidator, waits_for_records: '6' },
    ],
  });
  expect(found.next[0]?.command).toMatch(
    new RegExp(`^kafka-transactions .* abort --topic ${topic} --partition 1 --start-offset 3$`),
  );
});

test('what cannot be read is unknown, never clean', async () => {
  const target = labTarget({ ...endpoints, kafka: ['127.0.0.1:1'] }, '');
  onTestFinished(() => target.close());
  expect(await diagnose({ diagnosis: transactions, target })).toMatchObject({ status: 'unknown', findings: [] });
});

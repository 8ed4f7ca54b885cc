import type { ProducerBatch } from 'kafkajs';
import { expect, test } from 'vitest';
import { scopeOf } from '../../infra/contract/scope.ts';
import type { FailedDelivery } from './failure.ts';
import { publishFailures } from './publish-failures.ts';

const failure = (bytes: number, destination: FailedDelivery['destination']): FailedDelivery =>
  ({ destination, record: { key: null, value: Buffer.alloc(bytes), headers: {} } }) as unknown as FailedDelivery;

/** Refuses what is too large, as a broker does with a batch. */
function fakeBroker(bytesMax: number) {
  const stored: string[] = [];
  return {
    stored,
    async sendBatch({ topicMessages = [] }: ProducerBatch) {
      const sizes = topicMessages.map(({ messages }) =>
        messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0),
      );
      if (Math.max(...sizes) > bytesMax) throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
      for (const { topic, messages } of topicMessages) stored.push(...messages.map(() => topic));
      return [];
    },
  };
}

test('each goes to its own topic', async () => {
  const broker = fakeBroker(1_000);
  const scope = scopeOf('');
  await publishFailures(broker, scope, [failure(10, 'dlq'), failure(10, 'retry5s'), failure(10, 'dlq')]);
  expect(broker.stored.toSorted()).toEqual([scope.topics.dlq, scope.topics.dlq, scope.topics.retry5s]);
});

test('records that are too large together go in halves, each once; a single one that is too large is told', async () => {
  const broker = fakeBroker(1_000);
  await publishFailures(
    broker,
    scopeOf(''),
    Array.from({ length: 9 }, () => failure(400, 'dlq')),
  );
  expect(broker.stored).toHaveLength(9);
  await expect(publishFailures(broker, scopeOf(''), [failure(2_000, 'dlq')])).rejects.toThrow('too large');
});

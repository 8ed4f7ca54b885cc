import type { Producer } from 'kafkajs';
import type { Scope } from '../../infra/contract/scope.ts';
import type { FailedDelivery } from './failure.ts';

/**
 * Sends what failed to its rung or to the DLQ, acks=all, in one request a broker.
 * @throws when Kafka fails: whether some of them are stored is unknown, so all are sent again with the chunk.
 */
export async function publishFailures(
  producer: Pick<Producer, 'sendBatch'>,
  scope: Pick<Scope, 'topics'>,
  failures: readonly FailedDelivery[],
): Promise<void> {
  if (failures.length === 0) return;
  const byTopic = Map.groupBy(failures, ({ destination }) => scope.topics[destination]);
  await producer.sendBatch({
    acks: -1,
    timeout: 5_000,
    topicMessages: [...byTopic].map(([topic, failed]) => ({ topic, messages: failed.map(({ record }) => record) })),
  });
}

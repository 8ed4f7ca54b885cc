import type { Producer } from 'kafkajs';
import type { Scope } from '../../infra/contract/scope.ts';
import { isTooLarge } from '../../infra/kafka/record-too-large.ts';
import type { FailedDelivery } from './failure.ts';

/**
 * Sends what failed to its rung or to the DLQ, acks=all, in one request a broker. A batch may be too large where none of
 * its records is: then it goes in halves.
 * @throws when Kafka fails: whether some of them are stored is unknown, so all are sent again with the chunk.
 */
export async function publishFailures(
  producer: Pick<Producer, 'sendBatch'>,
  scope: Pick<Scope, 'topics'>,
  failures: readonly FailedDelivery[],
): Promise<void> {
  if (failures.length === 0) return;
  const byTopic = Map.groupBy(failures, ({ destination }) => scope.topics[destination]);
  try {
    await producer.sendBatch({
      acks: -1,
      timeout: 5_000,
      topicMessages: [...byTopic].map(([topic, failed]) => ({ topic, messages: failed.map(({ record }) => record) })),
    });
  } catch (error) {
    if (!isTooLarge(error) || failures.length === 1) throw error;
    const middle = Math.ceil(failures.length / 2);
    await publishFailures(producer, scope, failures.slice(0, middle));
    await publishFailures(producer, scope, failures.slice(middle));
  }
}

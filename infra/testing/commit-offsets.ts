import type { Kafka } from 'kafkajs';
import { waitFor, within } from '../clock.ts';
import { internalCluster } from '../kafka/internal-cluster.ts';

/** `offset` is the next one that the group will read. */
export interface NextOffset {
  readonly partition: number;
  readonly offset: string;
}

/**
 * Commits for a group without members, as `kafka-consumer-groups --reset-offsets` does: generation -1 and no member id
 * (KafkaApis takes that for a simple consumer). kafkajs' own `setOffsets` joins the group and waits for a fetch, five
 * seconds each time. @throws what kafkajs throws, UNKNOWN_MEMBER_ID while the group has members; TimeoutError.
 */
export async function commitOffsets(
  kafka: Kafka,
  { groupId, topic }: { readonly groupId: string; readonly topic: string },
  partitions: readonly NextOffset[],
): Promise<void> {
  const cluster = internalCluster(kafka);
  const simpleConsumer = { groupGenerationId: -1, memberId: '' };
  try {
    await within('connecting to Kafka', 20_000, cluster.connect());
    await waitFor(
      'offsets to be committed',
      async () => {
        const coordinator = await within('finding the coordinator', 20_000, cluster.findGroupCoordinator({ groupId }));
        const commit = coordinator.offsetCommit({ groupId, ...simpleConsumer, topics: [{ topic, partitions }] });
        return within('committing offsets', 20_000, commit).then(() => true, unlessRetriable);
      },
      { timeoutMs: 30_000, intervalMs: 200 },
    );
  } finally {
    await cluster.disconnect();
  }
}

/** The first commit of a cluster's life creates __consumer_offsets, whose coordinators take a moment. */
function unlessRetriable(error: unknown): false {
  if ((error as { readonly retriable?: unknown }).retriable === true) return false;
  throw error;
}

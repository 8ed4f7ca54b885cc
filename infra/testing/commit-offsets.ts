import type { Kafka } from 'kafkajs';
import { waitFor, within } from '../clock.ts';
import { type InternalBroker, type InternalCluster, internalCluster } from '../kafka/internal-cluster.ts';

/** `offset` is the next one that the group will read. */
export interface NextOffset {
  readonly partition: number;
  readonly offset: string;
}

/**
 * Commits for a group without members, as `kafka-consumer-groups --reset-offsets` does: generation -1 and no member id
 * (KafkaApis takes that for a simple consumer). kafkajs' own `setOffsets` joins the group and waits for a fetch, five
 * seconds each time. A coordinator that has only just been elected, or is still loading, is asked again.
 * @throws what kafkajs throws, UNKNOWN_MEMBER_ID while the group has members; TimeoutError.
 */
export async function commitOffsets(
  kafka: Kafka,
  { groupId, topic }: { readonly groupId: string; readonly topic: string },
  partitions: readonly NextOffset[],
): Promise<void> {
  const cluster = internalCluster(kafka);
  try {
    await within('connecting to Kafka', 20_000, cluster.connect());
    await waitFor('the coordinator', () => committed(cluster, { groupId, topics: [{ topic, partitions }] }), {
      timeoutMs: 20_000,
      intervalMs: 100,
    });
  } finally {
    await cluster.disconnect();
  }
}

/** The first commit of a cluster's life creates __consumer_offsets, whose coordinators take a moment. @returns false: ask again. */
async function committed(
  cluster: InternalCluster,
  commit: Pick<Parameters<InternalBroker['offsetCommit']>[0], 'groupId' | 'topics'>,
): Promise<boolean> {
  try {
    const { groupId } = commit;
    const coordinator = await within('finding the coordinator', 20_000, cluster.findGroupCoordinator({ groupId }));
    const simpleConsumer = { groupGenerationId: -1, memberId: '' };
    await within('committing offsets', 20_000, coordinator.offsetCommit({ ...commit, ...simpleConsumer }));
    return true;
  } catch (error) {
    if ((error as { retriable?: unknown }).retriable === true) return false;
    throw error;
  }
}

import type { Kafka } from 'kafkajs';
import { within } from '../clock.ts';
import { internalCluster } from './internal-cluster.ts';

/**
 * Sends LeaveGroup for the members of a dead process, found by their client id, so that its partitions move at once
 * instead of after the session timeout. Only for a process that was *seen* to die: a living member would rejoin.
 * @returns how many members were evicted.
 * @throws what kafkajs throws when the coordinator cannot be reached; TimeoutError.
 */
export async function evictMembers(
  kafka: Kafka,
  { groupId, clientId }: { readonly groupId: string; readonly clientId: string },
): Promise<number> {
  const cluster = internalCluster(kafka);
  try {
    await within('connecting to Kafka', 5_000, cluster.connect());
    const coordinator = await within('finding the coordinator', 5_000, cluster.findGroupCoordinator({ groupId }));
    const { groups } = await within('describing the group', 5_000, coordinator.describeGroups({ groupIds: [groupId] }));
    const members = groups.flatMap((group) => group.members).filter((member) => member.clientId === clientId);
    for (const { memberId } of members) {
      await within('leaving the group', 5_000, coordinator.leaveGroup({ groupId, memberId }));
    }
    return members.length;
  } finally {
    await cluster.disconnect();
  }
}

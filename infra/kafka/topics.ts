import type { Admin, Kafka } from 'kafkajs';
import { waitFor } from '../clock.ts';
import type { Scope, TopicRole } from '../contract/scope.ts';
import { EngineError, messageOf } from '../errors.ts';

/** The shape of the event topic. minISR is set per topic: new 4.x clusters refuse it as a broker setting. */
export const eventTopicShape = { partitions: 6, replicationFactor: 3, minInSyncReplicas: 2 } as const;

/** Rungs and dead letters are few: half the partitions do. */
const partitionsOf: Readonly<Record<TopicRole, number>> = {
  events: eventTopicShape.partitions,
  retry5s: 3,
  retry1m: 3,
  dlq: 3,
};

/** Kafka's default of max.message.bytes. */
const recordBytesMax = 1_048_588;
/** A record that fails carries the story of its failure in headers; it must fit where it goes from there. */
const failureBytesMax = 65_536;

export interface TopicToCreate {
  readonly topic: string;
  readonly partitions: number;
  readonly recordBytesMax: number;
}

/** The topics of a scope with their number of partitions. */
export function topicsOf(scope: Scope): readonly TopicToCreate[] {
  const roles = Object.keys(partitionsOf) as TopicRole[];
  return roles.map((role) => ({
    topic: scope.topics[role],
    partitions: partitionsOf[role],
    recordBytesMax: recordBytesMax + (role === 'events' ? 0 : failureBytesMax),
  }));
}

/**
 * Creates the topics that are missing and waits until every partition has a leader.
 * @returns the names created now. @throws EngineError when Kafka refuses or no leader comes.
 */
export async function createTopics(kafka: Kafka, topics: readonly TopicToCreate[]): Promise<readonly string[]> {
  return withAdmin(kafka, async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    const names = topics.map(({ topic }) => topic);
    if (missing.length > 0) {
      await admin.createTopics({
        // kafkajs' own wait throws UNKNOWN_TOPIC_OR_PARTITION now and then; ours is below.
        waitForLeaders: false,
        topics: missing.map(({ topic, partitions, recordBytesMax: bytesMax }) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: eventTopicShape.replicationFactor,
          configEntries: [
            { name: 'min.insync.replicas', value: String(eventTopicShape.minInSyncReplicas) },
            { name: 'max.message.bytes', value: String(bytesMax) },
          ],
        })),
      });
    }
    await waitFor('leaders of the topics', () => allLed(admin, names), { timeoutMs: 15_000, intervalMs: 100 });
    return missing.map(({ topic }) => topic);
  });
}

async function allLed(admin: Admin, topics: readonly string[]): Promise<boolean> {
  try {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [...topics] });
    return found.every(
      ({ partitions }) =>
        partitions.length > 0 &&
        partitions.every(({ leader, isr }) => leader >= 0 && isr.length >= eventTopicShape.minInSyncReplicas),
    );
  } catch {
    return false; // not yet known to this broker, or without a leader: kafkajs throws for either
  }
}

/** Deletes what exists of them, topics and consumer groups; absent ones are no error. */
export async function deleteTopicsAndGroups(
  kafka: Kafka,
  { topics, groups }: { readonly topics: readonly string[]; readonly groups: readonly string[] },
): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const { groups: listed } = await admin.listGroups();
    const present = groups.filter((group) => listed.some(({ groupId }) => groupId === group));
    if (present.length > 0) await admin.deleteGroups([...present]);
    const existing = new Set(await admin.listTopics());
    const doomed = topics.filter((topic) => existing.has(topic));
    if (doomed.length > 0) await admin.deleteTopics({ topics: [...doomed], timeout: 10_000 });
  });
}

async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw error instanceof EngineError
      ? error
      : new EngineError('kafka', `Kafka failed: ${messageOf(error)}`, {
          cause: error,
          code: (error as { type?: string }).type ?? 'unknown',
          tryThis: ['labctl status', 'labctl logs kafka-1'],
        });
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

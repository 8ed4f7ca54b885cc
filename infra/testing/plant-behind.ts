import { kafkaClient } from '../kafka/client.ts';
import { commitOffsets } from './commit-offsets.ts';
import type { GuardedBroker } from './guarded-broker.ts';

/** A topic of one partition with five records, and a group that has done two of them. */
export async function plantBehind(
  broker: GuardedBroker,
  of: { readonly topic: string; readonly groupId: string },
): Promise<void> {
  const security = broker.login('admin');
  const kafka = kafkaClient({ brokers: [broker.address], clientId: 'test.planted', security });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  const { topic } = of;
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await producer.send({ topic, messages: Array.from({ length: 5 }, () => ({ value: 'x' })) });
  await commitOffsets(kafka, of, [{ partition: 0, offset: '2' }]);
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}

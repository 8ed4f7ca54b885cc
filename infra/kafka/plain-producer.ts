import { Partitioners, type Producer } from 'kafkajs';
import { type KafkaClientOptions, kafkaClient } from './client.ts';

/**
 * A producer that promises nothing and so keeps what it promises: not idempotent, no retries of its own. kafkajs'
 * idempotent producer rolls its sequence back after a failed send, and the next batch of the same size can then be acked
 * as a duplicate and never stored. Whoever sends repeats what failed, and consumers absorb what came twice.
 */
export async function connectPlainProducer(options: KafkaClientOptions): Promise<Producer> {
  const producer = kafkaClient(options).producer({
    retry: { retries: 0 },
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return producer;
}

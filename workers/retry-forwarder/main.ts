import { z } from 'zod';
import { connectPlainProducer } from '../../infra/kafka/plain-producer.ts';
import { startConsumer } from '../host/consumer.ts';
import { runWorker } from '../host/worker.ts';
import { forwardDue } from './forward.ts';

const options = z.object({ batchSize: z.number().int().min(1).default(200) });

/** At most so long after a record became due is its partition fetched again. */
const fetchWaitMs = 100;

await runWorker(async (context) => {
  const { boot, scope, clientId } = context;
  const { batchSize } = options.parse(boot.options);
  const producer = await connectPlainProducer({ brokers: boot.endpoints.kafka, clientId });
  return startConsumer(context, {
    groupId: scope.groups.retryForwarder,
    topics: [scope.topics.retry5s, scope.topics.retry1m],
    chunkSize: batchSize,
    mode: 'forwards when due',
    fetchWaitMs,
    handle: (chunk) =>
      forwardDue(chunk, { ...context, producer, topic: scope.topics.events, deadLetterTopic: scope.topics.dlq }),
    close: () => producer.disconnect(),
  });
});

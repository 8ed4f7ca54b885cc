import { z } from 'zod';
import { within } from '../../infra/clock.ts';
import { kafkaClient } from '../../infra/kafka/client.ts';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { startConsumer } from '../host/consumer.ts';
import type { TopicPartition } from '../host/offset-commits.ts';
import { failureRulesOf } from '../host/own-rules.ts';
import { runWorker } from '../host/worker.ts';
import { deadLetterOf } from './dead-letter.ts';
import { indexLetters, storedOffsets } from './index-letters.ts';

const options = z.object({
  batchSize: z.number().int().min(1).default(200),
  failureRules: z.string().optional(),
});

/** A leader that was just elected learns its high watermark with its followers' next fetches. */
const newLeaderMs = 15_000;

await runWorker(async (context) => {
  const { boot, scope, clientId, counters, failpoint } = context;
  const { batchSize, failureRules } = options.parse(boot.options);
  const rules = await failureRulesOf(context, failureRules);
  const pool = mysqlPool({ endpoint: boot.endpoints.mysql, database: scope.database, connections: 2, owner: clientId });
  const admin = kafkaClient({ brokers: boot.endpoints.kafka, clientId: `${clientId}.offsets` }).admin();
  await admin.connect();
  const endsBeforeSinceMs = new Map<number, number>();
  const isAnew = ({ topic, partition }: TopicPartition): boolean => {
    const now = context.clock.monotonic();
    const since = endsBeforeSinceMs.get(partition) ?? now;
    endsBeforeSinceMs.set(partition, since);
    if (now - since < newLeaderMs) return false;
    context.log.warn(`${topic}/${partition} was made anew: indexed from its start`);
    endsBeforeSinceMs.delete(partition);
    return true;
  };
  return startConsumer(context, {
    groupId: scope.groups.dlqIndexer,
    topics: [scope.topics.dlq],
    chunkSize: batchSize,
    mode: 'exactly once, by its own offsets',
    async positions(assigned) {
      const ends = await within('reading the ends of the DLQ', 5_000, admin.fetchTopicOffsets(scope.topics.dlq));
      const endOf = ({ partition }: TopicPartition): bigint =>
        BigInt(ends.find((end) => end.partition === partition)?.high ?? 0);
      return storedOffsets(pool, assigned, { endOf, isAnew });
    },
    async handle({ topic, partition, messages }) {
      const letters = messages.map((message) => deadLetterOf({ topic, partition, message }, rules));
      const { indexed, copies } = await indexLetters(pool, { topic, partition }, letters, (errno) =>
        counters.add(`errno${errno}`),
      );
      counters.add('records', messages.length);
      counters.add('indexed', indexed);
      counters.add('copies', copies);
      failpoint('indexer.after-commit');
      return { done: messages.length };
    },
    close: async () => void (await Promise.all([pool.end(), admin.disconnect()])),
  });
});

import { z } from 'zod';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { loadFailureRules } from '../domain/failure-rules.ts';
import { startConsumer } from '../host/consumer.ts';
import { runWorker } from '../host/worker.ts';
import { deadLetterOf } from './dead-letter.ts';
import { indexLetters, storedOffsets } from './index-letters.ts';

const options = z.object({
  batchSize: z.number().int().min(1).default(200),
  failureRules: z.string().optional(),
});

await runWorker(async (context) => {
  const { boot, scope, clientId, counters, failpoint } = context;
  const { batchSize, failureRules } = options.parse(boot.options);
  const rules = await loadFailureRules(failureRules);
  const pool = mysqlPool({ endpoint: boot.endpoints.mysql, database: scope.database, connections: 2, owner: clientId });
  return startConsumer(context, {
    groupId: scope.groups.dlqIndexer,
    topics: [scope.topics.dlq],
    chunkSize: batchSize,
    mode: 'exactly once, by its own offsets',
    positions: (assigned) => storedOffsets(pool, assigned),
    async handle({ topic, partition, messages }) {
      const letters = messages.map((message) => deadLetterOf({ topic, partition, message }, rules));
      const { indexed, copies } = await indexLetters(pool, { topic, partition }, letters);
      counters.add('records', messages.length);
      counters.add('indexed', indexed);
      counters.add('copies', copies);
      failpoint('indexer.after-commit');
      return { done: messages.length };
    },
    close: () => pool.end(),
  });
});

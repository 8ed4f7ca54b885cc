import { z } from 'zod';
import { connectPlainProducer } from '../../infra/kafka/plain-producer.ts';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { balanceCodec } from '../../infra/registry/codec.ts';
import { ladderOf } from '../domain/retry-ladder.ts';
import { startConsumer } from '../host/consumer.ts';
import { failureRulesOf } from '../host/own-rules.ts';
import { runWorker } from '../host/worker.ts';
import { applyBatch } from './apply.ts';
import { locksOfFrozenOwners } from './frozen-owners.ts';
import { projectChunk } from './project.ts';
import { publishFailures } from './publish-failures.ts';

const options = z.object({
  batchSize: z.number().int().min(1).default(100),
  trace: z.boolean().default(false),
  firstRetryMs: z.number().int().positive().optional(),
  secondRetryMs: z.number().int().positive().optional(),
  failureRules: z.string().optional(),
});
/** processed_event's name for this consumer: the same in every scope, and for every version of the topic. */
const consumer = 'balance-projector';

await runWorker(async (context) => {
  const { boot, scope, clientId: owner } = context;
  const { batchSize, trace, firstRetryMs, secondRetryMs, failureRules } = options.parse(boot.options);
  const [rules, codec] = await Promise.all([
    failureRulesOf(context, failureRules),
    balanceCodec(boot.endpoints.registry, scope.topics.events),
  ]);
  const ladder = ladderOf({
    ...(firstRetryMs && { firstMs: firstRetryMs }),
    ...(secondRetryMs && { secondMs: secondRetryMs }),
  });
  const pool = mysqlPool({ endpoint: boot.endpoints.mysql, database: scope.database, connections: 4, owner });
  const producer = await connectPlainProducer({ brokers: boot.endpoints.kafka, clientId: owner });
  return startConsumer(context, {
    groupId: scope.groups.projector,
    topics: [scope.topics.events],
    chunkSize: batchSize,
    mode: 'dedupe on, commit after',
    handle: (chunk) =>
      projectChunk(
        chunk,
        { consumer, ladder, rules, trace },
        {
          ...context,
          codec,
          apply: (batch) => applyBatch(pool, batch, locksOfFrozenOwners(pool, context)),
          publish: (failures) => publishFailures(producer, scope, failures),
        },
      ),
    close: async () => void (await Promise.all([pool.end(), producer.disconnect()])),
  });
});

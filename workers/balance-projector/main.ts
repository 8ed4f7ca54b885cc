import { z } from 'zod';
import { mysqlPool } from '../../infra/mysql/pool.ts';
import { balanceCodec } from '../../infra/registry/codec.ts';
import { startConsumer } from '../host/consumer.ts';
import { runWorker } from '../host/worker.ts';
import { applyBatch } from './apply.ts';
import { projectChunk } from './project.ts';

const options = z.object({ batchSize: z.number().int().min(1).default(100), trace: z.boolean().default(false) });

/** processed_event's name for this consumer: the same in every scope, and for every version of the topic. */
const consumerName = 'balance-projector';

await runWorker(async (context) => {
  const { boot, scope, clientId } = context;
  const { batchSize, trace } = options.parse(boot.options);
  const topic = scope.topics.events;
  const codec = await balanceCodec(boot.endpoints.registry, topic);
  const pool = mysqlPool({
    endpoint: boot.endpoints.mysql,
    database: scope.database,
    connections: 3,
    owner: clientId,
  });
  return startConsumer(context, {
    groupId: scope.groups.projector,
    topic,
    chunkSize: batchSize,
    mode: 'dedupe on, commit after',
    handle: (partition, messages) =>
      projectChunk(
        { topic, partition, messages, trace },
        {
          ...context,
          codec,
          apply: (deliveries) => applyBatch(pool, { consumer: consumerName, topic, deliveries }),
        },
      ),
    close: () => pool.end(),
  });
});

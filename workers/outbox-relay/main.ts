import { z } from 'zod';
import { connectPlainProducer } from '../../infra/kafka/plain-producer.ts';
import { eventTopicShape } from '../../infra/kafka/topics.ts';
import { mysqlConnection } from '../../infra/mysql/pool.ts';
import { balanceCodec } from '../../infra/registry/codec.ts';
import { runWorker } from '../host/worker.ts';
import { publish } from './publish.ts';
import { relay } from './relay.ts';
import { openShards } from './shards.ts';

const options = z.object({ batchSize: z.number().int().min(1).default(500), trace: z.boolean().default(false) });

await runWorker(async (context) => {
  const { boot, scope, clock, clientId } = context;
  const topic = scope.topics.events;
  const codec = await balanceCodec(boot.endpoints.registry, topic);
  const producer = await connectPlainProducer({ brokers: boot.endpoints.kafka, clientId });
  const connection = await mysqlConnection({
    endpoint: boot.endpoints.mysql,
    database: scope.database,
    owner: clientId,
  });
  const shards = openShards(connection, { scope, owner: clientId, clock });
  await shards.owned();
  const target = { producer, codec, topic, partitions: eventTopicShape.partitions, mayStillSend: shards.isFresh };
  const running = relay(options.parse(boot.options), {
    ...context,
    connection,
    shards,
    publish: (rows) => publish(rows, target),
  });
  const stop = async () => {
    await running;
    await shards.release();
    await Promise.all([connection.end(), producer.disconnect()]);
  };
  // It runs until it is stopped: it has no end of its own, only failures.
  return { mode: 'plain producer, acks=all', done: running.then(() => new Promise<void>(() => {})), stop };
});

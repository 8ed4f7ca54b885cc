import { ConfigResourceTypes } from 'kafkajs';
import { inject, onTestFinished } from 'vitest';
import { kafkaClient } from '../../../infra/kafka/client.ts';
import { connectRedis, redisClient } from '../../../infra/redis/client.ts';
import { slotOf } from '../../../infra/redis/slot.ts';
import { beginTransaction } from '../../../infra/testing/plant-transactions.ts';
import type { Laboratory } from './laboratory.ts';
import type { Planting } from './planting.ts';

const kafka = () => kafkaClient({ brokers: inject('endpoints').kafka, clientId: 'test.planted' });

/** More replicas are demanded than there are: what the ISR lacks then is not a broker. */
const tooFewInSync: Planting = {
  id: 'a topic that demands more replicas in sync than it has',
  async plant({ scope }) {
    const topic = scope.topics.retry1m;
    const admin = kafka().admin();
    await admin.connect();
    try {
      const configEntries = [{ name: 'min.insync.replicas', value: '4' }];
      const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
      await admin.alterConfigs({ validateOnly: false, resources });
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics.flatMap((one) => one.partitions);
      return { isr: partitions.map(({ partitionId }) => `isr.under-min-isr.${topic}/${partitionId}`) };
    } finally {
      await admin.disconnect();
    }
  },
};

const fullRedis: Planting = {
  id: 'a Redis that is nearly full and may evict nothing',
  async plant() {
    const { host, port } = inject('endpoints').redis;
    const redis = redisClient({ host, port }, 'test.planted');
    await connectRedis(redis);
    const set = (values: Readonly<Record<string, string>>) =>
      redis.call('CONFIG', 'SET', ...Object.entries(values).flat());
    const [, max = ''] = (await redis.call('CONFIG', 'GET', 'maxmemory')) as string[];
    const [, policy = ''] = (await redis.call('CONFIG', 'GET', 'maxmemory-policy')) as string[];
    onTestFinished(async () => {
      await set({ maxmemory: max, 'maxmemory-policy': policy });
      redis.disconnect();
    });
    const used = Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
    await set({ maxmemory: String(Math.round(used / 0.97)), 'maxmemory-policy': 'noeviction' });
    return { redis: `redis.memory.${host.replaceAll('.', '-')}:${port}` };
  },
};

/** Another client than the pipeline's: what it counted is of the next minutes, so that it does not grow old. */
const hotKey: Planting = {
  id: 'a key of which a client says that it has half of all accesses',
  async plant({ pool, scope }) {
    const key = scope.cacheKey('999989');
    const keys = [
      [key, 50_000],
      [scope.cacheKey('999988'), 40],
    ] as const;
    const slots = keys.map(([name, count]) => [slotOf(name), count]);
    await pool.query(
      `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, top_keys, beat_at)
       VALUES ('planted', 1, 's', '', '{}', '[]', ?, NOW(6) + INTERVAL 10 MINUTE)`,
      [JSON.stringify({ windowMs: 10_000, total: 100_000, distinct: 200, keys, slots })],
    );
    return { 'hot-keys': `hot-key.${key}` };
  },
};

export const stackPlantings: readonly Planting[] = [tooFewInSync, fullRedis, hotKey];

/**
 * A producer that keeps a transaction open in the events themselves: everybody behind it waits. Planted last, because it
 * holds up the very pipeline that the others are planted into.
 * @returns the names of its findings, by diagnosis, and how to end it.
 */
export async function plantBlockedEvents({ scope }: Laboratory): Promise<{
  readonly expected: Readonly<Record<string, readonly string[]>>;
  end(): Promise<void>;
}> {
  const transactionalId = `planted.events.${scope.name}`;
  const { transaction } = await beginTransaction(kafka(), transactionalId, { transactionTimeout: 600_000 });
  let isOpen = true;
  const end = async (): Promise<void> => {
    if (isOpen) await transaction.abort();
    isOpen = false;
  };
  onTestFinished(end);
  await transaction.send({
    topic: scope.topics.events,
    messages: [{ partition: 0, key: 'planted', value: 'planted' }],
  });
  return {
    expected: {
      lag: ['lag.invalidator.blocked', 'lag.projector.blocked'],
      transactions: [`transactions.open.${transactionalId}`],
    },
    end,
  };
}

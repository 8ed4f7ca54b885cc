import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { systemClock } from '../clock.ts';
import { type RedisCluster, redisCluster } from '../probes/redis/cluster.ts';
import { readOnce } from '../probes/sampler.ts';
import { slotOf } from '../redis/slot.ts';
import { createNativeStack } from '../stack/native/native-stack.ts';
import { nodesOfEngine } from '../stack/on-demand.ts';
import type { Stack } from '../stack/stack.ts';
import { type LabTarget, labTarget } from '../target.ts';

type Facts = Extract<RedisCluster['cluster'], { readonly known: true }>['value'];

export interface TestMaster {
  readonly id: string;
  readonly address: string;
  readonly slots: number;
  readonly client: Redis;
  serves(key: string): boolean;
}

/** The private stack's Redis Cluster, with a client a node that speaks to that very node. */
export interface TestCluster {
  readonly stack: Stack;
  readonly target: LabTarget;
  readonly nodes: readonly Redis[];
  /** As the probe has it. @throws Error while it is unknown. */
  facts(): Promise<Facts>;
  /** Those that serve slots. */
  masters(): Promise<readonly TestMaster[]>;
  /** GETs in rounds, each to the master of its key. @returns what `look` returns while they go on. */
  under<T>(keys: readonly string[], look: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Starting it takes seconds: one for all tests of a file. */
export async function testCluster(scope: string): Promise<TestCluster> {
  const [config, endpoints] = [inject('config'), inject('endpoints')];
  const stack = createNativeStack(config);
  const target = labTarget(endpoints, scope, stack);
  await stack.ensure('redis-cluster', () => {}, AbortSignal.timeout(100_000));
  const nodes = (endpoints.redisCluster ?? []).map(
    ({ host, port }) => new Redis({ host, port, lazyConnect: true, retryStrategy: () => 100 }),
  );
  for (const node of nodes) node.on('error', () => {}); // some are killed
  await Promise.all(nodes.map((node) => node.connect()));

  const facts = async (): Promise<Facts> => {
    const reading = await readOnce({ probe: redisCluster, target, before: undefined });
    if (reading.status !== 'ok') throw new Error(reading.reason);
    if (!reading.value.cluster.known) throw new Error(reading.value.cluster.reason);
    return reading.value.cluster.value;
  };
  const masters = async (): Promise<readonly TestMaster[]> =>
    (await facts()).nodes
      .filter(({ slots }) => slots > 0)
      .map(({ id, address, slots, ranges }) => {
        const client = nodes.find(({ options }) => address.endsWith(`:${options.port}`));
        if (client === undefined) throw new Error(`there is no client for ${address}`);
        const [from = 0, to = from] = ranges.split('-').map(Number);
        return { id, address, slots, client, serves: (key) => slotOf(key) >= from && slotOf(key) <= to };
      });
  return {
    stack,
    target,
    nodes,
    facts,
    masters,
    async under(keys, look) {
      const stop = new AbortController();
      const loading = load(keys, await masters(), stop.signal);
      try {
        await systemClock.sleep(300);
        return await look();
      } finally {
        stop.abort();
        await loading;
      }
    },
    async close() {
      for (const node of nodes) node.disconnect();
      await target.close();
      if (process.env.LABCTL_KEEP_TEST_STACK === '1') return;
      for (const node of nodesOfEngine('redis-cluster')) await stack.stop(node);
    },
  };
}

async function load(keys: readonly string[], masters: readonly TestMaster[], signal: AbortSignal): Promise<void> {
  const places = masters.map(({ client, serves }) => ({ client, own: keys.filter(serves) }));
  while (!signal.aborted) {
    for (const { own, client } of places) {
      const pipeline = client.pipeline();
      for (const key of own) pipeline.get(key);
      await pipeline.exec();
    }
    await systemClock.sleep(50);
  }
}

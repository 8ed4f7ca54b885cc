import { mkdirSync } from 'node:fs';
import { connectRedis, redisClient } from '../../../redis/client.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

/** A cache: nothing is written to disk. LFU, because without an LFU policy Redis counts no access frequencies. */
export function redisNode({ layout, ports, endpoints, engines }: NodeContext): NativeNode {
  const { version } = engines.redis;
  const [command, ...before] = engines.redis.commandOf('redis-server');
  const dataDir = layout.dataDir('redis');
  return {
    name: 'redis',
    engine: 'redis',
    version,
    async prepare() {
      mkdirSync(dataDir, { recursive: true });
    },
    launch: {
      command,
      args: [
        ...before,
        ...['--port', String(ports.redis)],
        ...['--bind', '127.0.0.1'],
        ...['--protected-mode', 'yes'],
        ...['--dir', dataDir],
        ...['--logfile', layout.logFile('redis')],
        ...['--daemonize', 'no'],
        ...['--save', ''],
        ...['--appendonly', 'no'],
        ...['--maxmemory', '64mb'],
        ...['--maxmemory-policy', 'allkeys-lfu'],
        ...['--latency-monitor-threshold', '5'],
      ],
      cwd: layout.stackDir,
    },
    async answers() {
      const client = redisClient(endpoints.redis, 'up');
      try {
        await connectRedis(client);
        return (await client.ping()) === 'PONG';
      } finally {
        client.disconnect();
      }
    },
    readyTimeoutMs: 20_000,
  };
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectRedis, redisClient } from '../../../redis/client.ts';
import type { Endpoints } from '../../stack.ts';
import type { FetchedEngine } from '../machine.ts';
import type { Launch, NativeNode, NodeContext } from './native-node.ts';

export function redisNode({ layout, ports, endpoints, engines: { redis } }: NodeContext): NativeNode {
  const dataDir = layout.dataDir('redis');
  return {
    name: 'redis',
    engine: 'redis',
    version: redis.version,
    async prepare() {
      mkdirSync(dataDir, { recursive: true });
    },
    launch: redisServer(redis, {
      port: ports.redis,
      dataDir,
      logFile: layout.logFile('redis'),
      cwd: layout.stackDir,
      more: [],
    }),
    answers: () => answersPing(endpoints.redis),
    readyTimeoutMs: 20_000,
  };
}

export interface RedisServer {
  readonly port: number;
  readonly dataDir: string;
  readonly logFile: string;
  readonly cwd: string;
  /** Settings beyond those that every Redis of the lab has. */
  readonly more: readonly string[];
}

/** A cache: no data is written to disk. LFU, because without an LFU policy Redis counts no access frequencies. */
export function redisServer({ folder }: FetchedEngine, server: RedisServer): Launch {
  return {
    command: join(folder, 'run', 'exec'),
    args: [
      'redis-server',
      ...['--port', String(server.port)],
      ...['--bind', '127.0.0.1'],
      ...['--protected-mode', 'yes'],
      ...['--dir', server.dataDir],
      ...['--logfile', server.logFile],
      ...['--daemonize', 'no'],
      ...['--save', ''],
      ...['--appendonly', 'no'],
      ...['--maxmemory', '64mb'],
      ...['--maxmemory-policy', 'allkeys-lfu'],
      ...['--latency-monitor-threshold', '5'],
      ...server.more,
    ],
    cwd: server.cwd,
  };
}

export async function answersPing(endpoint: Endpoints['redis']): Promise<boolean> {
  const client = redisClient(endpoint, 'up');
  try {
    await connectRedis(client);
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}

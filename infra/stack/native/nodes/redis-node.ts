import { mkdirSync } from 'node:fs';
import { nodeAnswers } from '../../answers.ts';
import { redisFlags } from '../../settings/redis.ts';
import type { ServerEngine } from '../fetch/engines.ts';
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
    answers: () => nodeAnswers('redis', { ports, endpoints }),
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

export function redisServer(redis: ServerEngine, server: RedisServer): Launch {
  const [command, ...before] = redis.commandOf('redis-server');
  return {
    command,
    args: [
      ...before,
      ...['--port', String(server.port)],
      ...['--bind', '127.0.0.1'],
      ...['--protected-mode', 'yes'],
      ...['--dir', server.dataDir],
      ...['--logfile', server.logFile],
      ...redisFlags,
      ...server.more,
    ],
    cwd: server.cwd,
  };
}

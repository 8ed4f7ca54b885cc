import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeAnswers } from '../../answers.ts';
import { redisFlags } from '../../settings/redis.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

export function redisNode({ layout, ports, endpoints, engines }: NodeContext): NativeNode {
  const { folder, version } = engines.redis;
  const dataDir = layout.dataDir('redis');
  return {
    name: 'redis',
    engine: 'redis',
    version,
    async prepare() {
      mkdirSync(dataDir, { recursive: true });
    },
    launch: {
      command: join(folder, 'run', 'exec'),
      args: [
        'redis-server',
        ...['--port', String(ports.redis)],
        ...['--bind', '127.0.0.1'],
        ...['--protected-mode', 'yes'],
        ...['--dir', dataDir],
        ...['--logfile', layout.logFile('redis')],
        ...redisFlags,
      ],
      cwd: layout.stackDir,
    },
    answers: () => nodeAnswers('redis', { ports, endpoints }),
    readyTimeoutMs: 20_000,
  };
}

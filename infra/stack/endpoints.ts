import { nodesOfEngine } from './on-demand.ts';
import { type Ports, portsFor } from './ports.ts';
import type { LabEndpoints } from './stack.ts';

const host = '127.0.0.1';

/** The lab's endpoints; both drivers publish exactly these. */
export function labEndpoints(portOffset: number): LabEndpoints {
  const ports: Ports = portsFor(portOffset);
  return {
    kafka: [ports['kafka-1'], ports['kafka-2'], ports['kafka-3']].map((port) => `${host}:${port}`),
    mysql: { host, port: ports.mysql, user: 'root', password: 'root' },
    redis: { host, port: ports.redis },
    registry: `http://${host}:${ports['schema-registry']}/apis/ccompat/v7`,
    redisCluster: nodesOfEngine('redis-cluster').map((node) => ({ host, port: ports[node] })),
    prometheus: `http://${host}:${ports.prometheus}`,
  };
}

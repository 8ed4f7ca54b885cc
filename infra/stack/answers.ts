import { within } from '../clock.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { connectRedis, redisClient } from '../redis/client.ts';
import { liveBrokers, speaksKafka } from './native/nodes/kafka-wire.ts';
import type { Ports } from './ports.ts';
import { registryCompatibility } from './settings/registry.ts';
import { brokerIds, type CoreNode, type Endpoints } from './stack.ts';

const requestTimeoutMs = 3_000;

export interface Places {
  readonly ports: Ports;
  readonly endpoints: Endpoints;
}

/** One round trip of the node's own protocol. Anything but true, a rejection included, means: not yet. */
export function nodeAnswers(node: CoreNode, { ports, endpoints }: Places): Promise<boolean> {
  const at = { host: '127.0.0.1', port: ports[node] };
  switch (node) {
    case 'mysql':
      return mysqlAnswers(endpoints.mysql);
    case 'redis':
      return redisAnswers(endpoints.redis);
    case 'schema-registry':
      return servesBackwardCompatible(endpoints.registry);
    case 'kafka-controller':
      return speaksKafka(at);
    default:
      // Alive in its own eyes: registered with the controller and unfenced.
      return liveBrokers(at).then((ids) => ids.includes(brokerIds[node]));
  }
}

/** True when each of the three brokers knows all three to be alive. */
export async function clusterIsWhole(ports: Ports): Promise<boolean> {
  const names = Object.keys(brokerIds) as (keyof typeof brokerIds)[];
  const views = await Promise.all(names.map((name) => liveBrokers({ host: '127.0.0.1', port: ports[name] })));
  return views.every((ids) => ids.length === names.length);
}

async function mysqlAnswers(endpoint: Endpoints['mysql']): Promise<boolean> {
  const connection = await mysqlConnection({ endpoint, database: 'lab', owner: 'up' });
  try {
    await within('a query', 2_000, connection.query('SELECT 1'));
    return true;
  } finally {
    connection.destroy();
  }
}

export async function redisAnswers(endpoint: Endpoints['redis']): Promise<boolean> {
  const client = redisClient(endpoint, 'up');
  try {
    await connectRedis(client);
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}

/** Lists the subjects, and sets the global level, which is NONE in a fresh registry: incompatible schemas are refused. */
async function servesBackwardCompatible(url: string): Promise<boolean> {
  const subjects = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(requestTimeoutMs) });
  await subjects.arrayBuffer();
  if (!subjects.ok) return false;
  const level = await fetch(`${url}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: registryCompatibility }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  await level.arrayBuffer();
  return level.ok;
}

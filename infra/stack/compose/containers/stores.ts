import { labScopeName, scopeOf } from '../../../contract/scope.ts';
import { images } from '../../settings/images.ts';
import { mysqldFlags } from '../../settings/mysql.ts';
import { redisClusterFlags, redisFlags } from '../../settings/redis.ts';
import { registryJvmFlags, registryProperties } from '../../settings/registry.ts';
import { basics, healthCheck, hostPort, published, type Service, type Services, scripts } from '../service.ts';

export const rootPassword = 'root';
export const registryPort = 8080;
const managementPort = 9000;

const mysql: Service = {
  image: images.mysql,
  command: [...mysqldFlags],
  environment: { MYSQL_ROOT_PASSWORD: rootPassword, MYSQL_DATABASE: scopeOf(labScopeName).database },
  ports: [published('mysql', 3306)],
  volumes: ['mysql:/var/lib/mysql'],
  healthcheck: healthCheck(
    'mysql',
    ...['--protocol=TCP', '--host=127.0.0.1', '--user=root', `--password=${rootPassword}`],
    ...['--execute=SELECT 1', scopeOf(labScopeName).database],
  ),
  ...basics('1280m'),
  stop_grace_period: '30s',
};

const redis: Service = {
  image: images.redis,
  command: ['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', ...redisFlags],
  ports: [published('redis', 6379)],
  healthcheck: healthCheck('redis-cli', 'ping'),
  ...basics('128m'),
};

export const clusterNodes = ([1, 2, 3, 4, 5, 6] as const).map((number) => `redis-cluster-${number}` as const);
export const clusterDataDir = '/data';

const redisCluster: Service = {
  image: images.redis,
  profiles: ['on-demand'],
  user: 'redis',
  init: true,
  command: [
    ...['bash', '/labctl/redis-cluster.sh', 'run', clusterDataDir],
    ...clusterNodes.map(hostPort),
    '--',
    ...redisFlags.slice(2), // the script says by itself whether it stays in the foreground
    ...redisClusterFlags,
  ],
  ports: clusterNodes.map((name) => published(name, hostPort(name))),
  volumes: [`redis-cluster:${clusterDataDir}`, scripts],
  healthcheck: healthCheck(
    'bash',
    '/labctl/redis-cluster.sh',
    'answers',
    clusterDataDir,
    ...clusterNodes.map(hostPort),
  ),
  ...basics('384m'),
  stop_grace_period: '15s',
};

const registryDataDir = '/var/lib/registry';

/** As Quarkus takes a property from the environment. */
function registryVariables(): Readonly<Record<string, string>> {
  const entries = Object.entries(registryProperties(`${registryDataDir}/registry`)).map(
    ([name, value]) => [name.toUpperCase().replace(/[.-]/g, '_'), String(value)] as const,
  );
  return Object.fromEntries(entries);
}

const registry: Service = {
  image: images.registry,
  user: '0',
  environment: {
    JAVA_TOOL_OPTIONS: registryJvmFlags.join(' '),
    QUARKUS_HTTP_HOST: '0.0.0.0',
    QUARKUS_HTTP_PORT: String(registryPort),
    QUARKUS_MANAGEMENT_HOST: '0.0.0.0',
    QUARKUS_MANAGEMENT_PORT: String(managementPort),
    ...registryVariables(),
  },
  ports: [published('schema-registry', registryPort), published('schema-registry-management', managementPort)],
  volumes: [`schema-registry:${registryDataDir}`, scripts],
  healthcheck: healthCheck('bash', '/labctl/http-answers.sh', String(registryPort), '/apis/ccompat/v7/subjects'),
  ...basics('640m'),
};

export const storeServices: Services = {
  mysql: {
    about: 'MySQL: root/root, database lab. Every commit is on disk before it is answered.',
    notes: {
      healthcheck: 'By TCP: the server that the image starts for its first data has no network and must not count.',
    },
    service: mysql,
  },
  redis: { about: 'The cache. Nothing of it is kept on disk.', service: redis },
  'redis-cluster': {
    about:
      'Redis Cluster, six servers in one container: docker compose --profile on-demand up -d redis-cluster\n(and --profile on-demand again for down).',
    service: redisCluster,
  },
  'schema-registry': {
    about: 'Apicurio, speaking the Confluent API under /apis/ccompat/v7; its schemas are on disk.',
    notes: {
      user: 'A new volume belongs to root.',
      environment: 'No choice of a collector in JAVA_TOOL_OPTIONS: the image makes its own, and two of them end a JVM.',
      healthcheck: 'By bash alone: the image promises neither curl nor wget.',
    },
    service: registry,
  },
};

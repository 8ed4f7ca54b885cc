import type { RoleMap } from '../contract/role-map.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { Endpoints } from '../stack/stack.ts';
import type { Text } from '../text.ts';

/** The least that reading needs, ready to be pasted, in groups of which each may be left out. */
export interface GrantGroup {
  readonly engine: 'mysql' | 'kafka' | 'redis';
  /** What it gives; without it exactly that reads "not permitted". */
  readonly gives: Text;
  readonly lines: readonly string[];
}

export interface GrantsFor {
  readonly user: string;
  readonly roles: RoleMap;
  readonly endpoints: Partial<Endpoints>;
}

export function grantsFor(wanted: GrantsFor): readonly GrantGroup[] {
  return [...mysqlGrants(wanted), ...kafkaGrants(wanted), ...redisGrants(wanted)];
}

/** Tables that a role map names, each once. */
export function mappedTables({
  database: _,
  topics: _topics,
  groups: _groups,
  cache: _cache,
  ...roles
}: RoleMap): string[] {
  return [...new Set(Object.values(roles).flatMap((role) => (role === undefined ? [] : [role.table])))];
}

/** https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html: PROCESS shows other accounts' threads, InnoDB's transactions and status. */
function mysqlGrants({ user, roles }: GrantsFor): readonly GrantGroup[] {
  const account = `'${user.replaceAll("'", "''")}'@'%'`;
  const database = roles.database === '' ? '<database>' : roles.database;
  const tables = mappedTables(roles).map((table) => `${quote(database)}.${quote(table)}`);
  const engine = 'mysql';
  return [
    {
      engine,
      gives: { ko: '접속: MySQL이 살아 있는가', en: 'a login: whether MySQL serves' },
      lines: [`CREATE USER ${account} IDENTIFIED BY '<password>';`],
    },
    {
      engine,
      gives: {
        ko: '잠금, 대기, 데드락, 부하 (mysql.*, diagnose mysql·deadlock)',
        en: 'locks, waits, deadlocks, load (mysql.*, diagnose mysql and deadlock)',
      },
      lines: [`GRANT PROCESS ON *.* TO ${account};`, `GRANT SELECT ON performance_schema.* TO ${account};`],
    },
    {
      engine,
      gives: {
        ko: '파이프라인: 역할 맵의 테이블, 내 SQL 점검 (점검이 읽는 다른 테이블은 따로)',
        en: 'the pipeline: the tables of the role map, and own SQL checks (other tables that they read come on top)',
      },
      lines: (tables.length === 0 ? [`${quote(database)}.*`] : tables).map(
        (table) => `GRANT SELECT ON ${table} TO ${account};`,
      ),
    },
  ];
}

/** https://kafka.apache.org/documentation/#operations_in_kafka: which request needs which operation on what. */
function kafkaGrants({ user, endpoints }: GrantsFor): readonly GrantGroup[] {
  const { sasl, tls } = endpoints.kafkaSecurity ?? {};
  const brokers = (endpoints.kafka ?? ['<broker>:9092']).join(',');
  const settings = sasl === undefined && tls === undefined ? '' : ' --command-config <admin.properties>';
  const add = (operation: string, resource: string): string =>
    `kafka-acls --bootstrap-server ${brokers}${settings} --add --allow-principal 'User:${user}' --operation ${operation} ${resource}`;
  const engine = 'kafka';
  return [
    {
      engine,
      gives: {
        ko: '클러스터, 쿼럼, 모든 컨슈머 그룹의 목록',
        en: 'the cluster, its quorum, the list of all consumer groups',
      },
      lines: [add('Describe', '--cluster')],
    },
    {
      engine,
      gives: { ko: '토픽: 리더, ISR, 오프셋', en: 'topics: leaders, ISR, offsets' },
      lines: [add('Describe', "--topic '*'")],
    },
    {
      engine,
      gives: { ko: '컨슈머 그룹: 커밋, 멤버, 리밸런스', en: 'consumer groups: commits, members, rebalances' },
      lines: [add('Describe', "--group '*'")],
    },
    {
      engine,
      gives: { ko: '설정: 보존 기간, minISR', en: 'settings: retention, min.insync.replicas' },
      lines: [add('DescribeConfigs', "--topic '*'"), add('DescribeConfigs', '--cluster')],
    },
    {
      engine,
      gives: {
        ko: '열린 트랜잭션과 그 프로듀서; 레코드 내용 (유실·중복 진단, trace)',
        en: 'open transactions and their producers; records themselves (loss, duplicates, trace)',
      },
      lines: [add('Describe', "--transactional-id '*'"), add('Read', "--topic '*'")],
    },
  ];
}

const redisServer = [
  'ping',
  'info',
  'time',
  'role',
  'command|info',
  'latency|latest',
  'latency|histogram',
  'slowlog|get',
  'slowlog|len',
];
const redisCluster = ['info', 'nodes', 'shards', 'slots', 'keyslot', 'countkeysinslot', 'slot-stats'].map(
  (name) => `cluster|${name}`,
);
const redisKeys = ['get', 'getrange', 'strlen', 'pttl', 'ttl', 'type', 'exists', 'object|freq', 'memory|usage'];

/** https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/: %R~ gives keys to read only (Redis 7). */
function redisGrants({ user, roles, endpoints }: GrantsFor): readonly GrantGroup[] {
  const pattern = roles.cache?.keyPattern.replaceAll('{account_id}', '*') ?? '*';
  const allowed = (commands: readonly string[]): string => commands.map((command) => `+${command}`).join(' ');
  const engine = 'redis';
  const isCluster = endpoints.redisCluster !== undefined;
  return [
    {
      engine,
      gives: { ko: '서버: 지연, 적중률, 메모리', en: 'the server: latency, hit ratio, memory' },
      lines: [`ACL SETUSER ${user} on '><password>' resetkeys resetchannels -@all ${allowed(redisServer)}`],
    },
    ...(isCluster || endpoints.redis === undefined
      ? [
          {
            engine: 'redis' as const,
            gives: { ko: '클러스터: 슬롯, 페일오버', en: 'the cluster: slots, failovers' },
            lines: [`ACL SETUSER ${user} ${allowed(redisCluster)}`],
          },
        ]
      : []),
    {
      engine,
      gives: { ko: '캐시 값 (diagnose cache, hot-keys)', en: 'cached values (diagnose cache, hot-keys)' },
      lines: [`ACL SETUSER ${user} '%R~${pattern}' ${allowed(redisKeys)}`],
    },
  ];
}

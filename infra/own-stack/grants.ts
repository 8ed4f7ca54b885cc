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
        ko: '마지막 데드락, 기다리는 세션, history list (mysql.*, diagnose mysql·deadlock)',
        en: 'the last deadlock, who waits, the history list (mysql.*, diagnose mysql and deadlock)',
      },
      lines: [`GRANT PROCESS ON *.* TO ${account};`],
    },
    {
      engine,
      gives: {
        ko: '누가 막는지와 그 마지막 문장, 1205·1213 횟수 (mysql.waits, mysql.errors)',
        en: 'who blocks and with which last statement, counts of 1205 and 1213 (mysql.waits, mysql.errors)',
      },
      lines: [`GRANT SELECT ON performance_schema.* TO ${account};`],
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
      gives: {
        ko: '설정: 보존 기간, minISR, KIP-848 그룹의 세션 타임아웃 (그룹 권한은 Kafka 3.8부터)',
        en: 'settings: retention, min.insync.replicas, session timeouts of KIP-848 groups (those from Kafka 3.8 on)',
      },
      lines: [add('DescribeConfigs', "--topic '*'"), add('DescribeConfigs', "--group '*'")],
    },
    {
      engine,
      gives: {
        ko: '열린 트랜잭션과 그 프로듀서; 레코드 내용 (유실·중복 진단, trace), __consumer_offsets의 그룹 설정',
        en: 'open transactions and their producers; records themselves (loss, duplicates, trace), groups’ settings in __consumer_offsets',
      },
      lines: [add('Describe', "--transactional-id '*'"), add('Read', "--topic '*'")],
    },
  ];
}

const redisServer = ['ping', 'info', 'time', 'slowlog|get', 'command|info'];
const redisCluster = ['cluster|info', 'cluster|nodes'];
const redisKeys = ['get', 'getrange', 'pttl'];

/**
 * https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/: %R~ gives keys to read only (Redis 7). A
 * server refuses the whole line for a subcommand that it does not know, so what only newer ones have stands alone.
 */
function redisGrants({ user, roles }: GrantsFor): readonly GrantGroup[] {
  const pattern = roles.cache?.keyPattern.replaceAll('{account_id}', '*') ?? '*';
  const allowed = (commands: readonly string[]): string => commands.map((command) => `+${command}`).join(' ');
  const engine = 'redis';
  return [
    {
      engine,
      gives: {
        ko: '서버: 지연, 적중률, 메모리, 느린 명령 (클러스터면 노드마다)',
        en: 'the server: latency, hit ratio, memory, slow commands (on each node of a cluster)',
      },
      lines: [`ACL SETUSER ${user} on '><password>' resetkeys resetchannels -@all ${allowed(redisServer)}`],
    },
    {
      engine,
      gives: {
        ko: '캐시 값 (cache.staleness, diagnose cache, trace)',
        en: 'cached values (cache.staleness, diagnose cache, trace)',
      },
      lines: [`ACL SETUSER ${user} '%R~${pattern}' ${allowed(redisKeys)}`],
    },
    {
      engine,
      gives: {
        ko: 'Redis Cluster: 슬롯, 페일오버 (클러스터일 때만)',
        en: 'Redis Cluster: slots, failovers (only where it is one)',
      },
      lines: [`ACL SETUSER ${user} ${allowed(redisCluster)}`],
    },
    {
      engine,
      gives: {
        ko: '슬롯마다 쓴 CPU (redis.hot-keys; 클러스터이고 Redis 8.2, Valkey 8.0 이상일 때만)',
        en: 'CPU by slot (redis.hot-keys; only in a cluster of Redis 8.2, Valkey 8.0 or newer)',
      },
      lines: [`ACL SETUSER ${user} ${allowed(['cluster|slot-stats'])}`],
    },
  ];
}

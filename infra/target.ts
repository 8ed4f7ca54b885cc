import { labRoles } from './contract/lab-roles.ts';
import type { RoleMap } from './contract/role-map.ts';
import { scopeOf } from './contract/scope.ts';
import { KafkaReader } from './kafka/reader.ts';
import { ReadOnlyMysql } from './mysql/read-only.ts';
import { ReadOnlyRedis } from './redis/read-only.ts';
import type { SqlCheck } from './sql-check.ts';
import type { Endpoints, Stack } from './stack/stack.ts';

/**
 * What every probe, diagnosis and job works on: where (endpoints), what things are called there (roles), and which scope
 * of it. Its clients refuse writes; whoever must write builds a client of their own, in the open.
 */
export interface Target {
  readonly profile: string;
  /** What a command of labctl needs to mean this target: `--profile shop`, without passwords; empty for the lab. */
  readonly commandOptions: string;
  readonly scope: string;
  /** An engine without an endpoint is not part of the target: reading it is "not mapped". */
  readonly endpoints: Partial<Endpoints>;
  readonly roles: RoleMap;
  readonly mysql: ReadOnlyMysql;
  readonly redis: ReadOnlyRedis;
  /** A client a node, in the order of `endpoints.redisCluster`; none where there is no cluster. */
  readonly redisCluster: readonly ReadOnlyRedis[];
  readonly kafka: KafkaReader;
  /** The operator's own checks; the lab has none. */
  readonly checks: readonly SqlCheck[];
  /** Present where labctl runs the engines itself. */
  readonly stack?: Stack;
  close(): Promise<void>;
}

/** The lab has every engine. */
export interface LabTarget extends Target {
  readonly endpoints: Endpoints;
}

/** A target of the lab: the demo pipeline (empty scope) or one experiment's arm. Clients connect on first use. */
export function labTarget(endpoints: Endpoints, scopeName: string, stack?: Stack): LabTarget {
  const roles = labRoles(scopeOf(scopeName));
  return {
    profile: 'lab',
    commandOptions: '',
    scope: scopeName,
    endpoints,
    roles,
    checks: [],
    ...clientsOf(endpoints, roles.database),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** What an operator has named: some engines, and what things are called there, as far as that was said. */
export interface OwnStack {
  /** Shown wherever the lab shows `lab`, and never that. */
  readonly profile: string;
  /** @see Target.commandOptions */
  readonly commandOptions?: string;
  readonly endpoints: Partial<Endpoints>;
  readonly roles: RoleMap;
  readonly checks: readonly SqlCheck[];
}

/** A stack that labctl neither runs nor changes. */
export function ownTarget({ profile, commandOptions = '', endpoints, roles, checks }: OwnStack): Target {
  return { profile, commandOptions, scope: '', endpoints, roles, checks, ...clientsOf(endpoints, roles.database) };
}

type Clients = Pick<Target, 'mysql' | 'redis' | 'redisCluster' | 'kafka' | 'close'>;

function clientsOf(endpoints: Partial<Endpoints>, database: string): Clients {
  const mysql = new ReadOnlyMysql(endpoints.mysql, database);
  const redis = new ReadOnlyRedis(endpoints.redis);
  const redisCluster = (endpoints.redisCluster ?? []).map((node) => new ReadOnlyRedis(node));
  const kafka = new KafkaReader(endpoints.kafka ?? [], undefined, endpoints.kafkaSecurity);
  return {
    mysql,
    redis,
    redisCluster,
    kafka,
    async close() {
      await Promise.allSettled([mysql, redis, ...redisCluster, kafka].map((client) => client.close()));
    },
  };
}

import { createHash } from 'node:crypto';
import { UserError } from '../errors.ts';

/** events: what everybody reads; retry5s and retry1m: the ladder's rungs; dlq: dead letters. */
export type TopicRole = 'events' | 'retry5s' | 'retry1m' | 'dlq';

/**
 * A scope keeps runs apart on one stack: it prefixes database, topics, groups, cache keys, lock names and client ids.
 * The lab itself is the empty scope.
 */
export interface Scope {
  readonly name: string;
  readonly database: string;
  readonly topics: Readonly<Record<TopicRole, string>>;
  readonly groups: {
    readonly projector: string;
    readonly invalidator: string;
    readonly retryForwarder: string;
    readonly dlqIndexer: string;
  };
  cacheKey(accountId: bigint | string): string;
  /** At most 64 characters, MySQL's limit for lock names; longer ones are hashed. */
  lockName(name: string): string;
  /** `<scope>.<worker>.<pid>`, by which a dead child's group member is found again. */
  clientId(worker: string, pid: number): string;
}

export const labScopeName = '';
const labDatabase = 'lab';

/** @param name empty for the lab; else lower-case letters, digits and underscores, at most 24 characters. */
export function scopeOf(name: string): Scope {
  if (name !== labScopeName && !/^[a-z][a-z0-9_]{0,23}$/.test(name)) {
    throw new UserError(`"${name}" cannot be a scope`, {
      why: 'a scope is lower-case letters, digits and underscores, at most 24 characters, starting with a letter',
    });
  }
  const prefix = name === labScopeName ? '' : `${name}.`;
  const keyPrefix = name === labScopeName ? '' : `${name}:`;
  return {
    name,
    database: name === labScopeName ? labDatabase : `${labDatabase}_${name}`,
    topics: {
      events: `${prefix}account.balance.v1`,
      retry5s: `${prefix}account.balance.retry.5s`,
      retry1m: `${prefix}account.balance.retry.1m`,
      dlq: `${prefix}account.balance.dlq`,
    },
    groups: {
      projector: `${prefix}balance-projector`,
      invalidator: `${prefix}cache-invalidator`,
      retryForwarder: `${prefix}retry-forwarder`,
      dlqIndexer: `${prefix}dlq-indexer`,
    },
    cacheKey: (accountId) => `${keyPrefix}balance:${accountId}`,
    lockName: (lock) => shortened(`labctl.${prefix}${lock}`),
    clientId: (worker, pid) => `${name === labScopeName ? labDatabase : name}.${worker}.${pid}`,
  };
}

function shortened(name: string): string {
  if (name.length <= 64) return name;
  return `${name.slice(0, 43)}.${createHash('sha256').update(name).digest('hex').slice(0, 20)}`;
}

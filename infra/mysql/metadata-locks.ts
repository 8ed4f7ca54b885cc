/** One row of performance_schema.metadata_locks, with its session instead of its thread. */
export interface MetadataLock {
  readonly objectType: string;
  readonly schema: string | null;
  readonly name: string | null;
  /** SHARED_READ, SHARED_WRITE, EXCLUSIVE, … */
  readonly type: string;
  readonly status: string;
  readonly pid: string;
}

/**
 * Which granted locks are in the way of a requested one, for tables and the like, and for scopes (GLOBAL, SCHEMA, COMMIT,
 * BACKUP): the matrices of MDL_lock in sql/mdl.cc. A type that is not listed is in nobody's way but EXCLUSIVE's.
 */
const blockedBy: Readonly<Record<string, readonly string[]>> = {
  SHARED: [],
  SHARED_HIGH_PRIO: [],
  SHARED_READ: ['SHARED_NO_READ_WRITE'],
  SHARED_WRITE: ['SHARED_READ_ONLY', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE'],
  SHARED_WRITE_LOW_PRIO: ['SHARED_READ_ONLY', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE'],
  SHARED_UPGRADABLE: ['SHARED_UPGRADABLE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE'],
  SHARED_READ_ONLY: ['SHARED_WRITE', 'SHARED_WRITE_LOW_PRIO', 'SHARED_NO_READ_WRITE'],
  SHARED_NO_WRITE: [
    'SHARED_WRITE',
    'SHARED_WRITE_LOW_PRIO',
    'SHARED_UPGRADABLE',
    'SHARED_NO_WRITE',
    'SHARED_NO_READ_WRITE',
  ],
  SHARED_NO_READ_WRITE: [
    'SHARED_READ',
    'SHARED_WRITE',
    'SHARED_WRITE_LOW_PRIO',
    'SHARED_UPGRADABLE',
    'SHARED_READ_ONLY',
    'SHARED_NO_WRITE',
    'SHARED_NO_READ_WRITE',
  ],
  INTENTION_EXCLUSIVE: ['SHARED'],
};
const scopes: ReadonlySet<string> = new Set(['GLOBAL', 'SCHEMA', 'COMMIT', 'BACKUP LOCK', 'TABLESPACE']);
/** A request of these makes those behind it wait, although it is not granted: a waiting ALTER stops every SELECT. */
const goesFirst: ReadonlySet<string> = new Set(['EXCLUSIVE', 'SHARED_NO_READ_WRITE', 'SHARED_NO_WRITE']);

export interface MetadataWait {
  readonly waiter: string;
  readonly wants: MetadataLock;
  /** Sessions whose lock is in the way; empty where none is seen. */
  readonly blockers: readonly string[];
}

/** Each pending lock with who is in its way: who holds a lock against it, else who asks before it. */
export function metadataWaits(locks: readonly MetadataLock[]): readonly MetadataWait[] {
  return locks
    .filter(({ status }) => status === 'PENDING')
    .map((wants) => {
      const others = locks.filter((lock) => lock.pid !== wants.pid && isSameObject(lock, wants));
      const granted = others.filter((lock) => lock.status === 'GRANTED' && isInTheWay(lock, wants));
      const ahead = others.filter(
        (lock) => lock.status === 'PENDING' && goesFirst.has(lock.type) && !goesFirst.has(wants.type),
      );
      const blockers = granted.length > 0 ? granted : ahead.filter((lock) => isInTheWay(lock, wants));
      return { waiter: wants.pid, wants, blockers: [...new Set(blockers.map(({ pid }) => pid))] };
    });
}

const isSameObject = (a: MetadataLock, b: MetadataLock): boolean =>
  a.objectType === b.objectType && a.schema === b.schema && a.name === b.name;

function isInTheWay(holder: MetadataLock, wants: MetadataLock): boolean {
  if (wants.type === 'EXCLUSIVE' || holder.type === 'EXCLUSIVE') return true;
  // In a scope, SHARED keeps everybody out who intends to change something.
  if (scopes.has(wants.objectType) && wants.type === 'SHARED') return holder.type === 'INTENTION_EXCLUSIVE';
  return (blockedBy[wants.type] ?? []).includes(holder.type);
}

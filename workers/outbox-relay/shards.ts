import type { Clock } from '../../infra/clock.ts';
import type { Scope } from '../../infra/contract/scope.ts';
import { acquireLease, type Lease, releaseLeases, renewLeases } from '../../infra/mysql/lease.ts';
import type { Connection } from '../../infra/mysql/pool.ts';

/** As many as the generated column outbox_event.shard has values. */
export const shardCount = 8;

const leaseTtlMs = 6_000;
const renewEveryMs = 2_000;
const acquireEveryMs = 1_000;

/** The shards this relay owns, by lease: of several relays exactly one sends the rows of a key. */
export interface Shards {
  /** Renews and acquires when it is time; call it before each claim. @returns the owned shards. */
  owned(): Promise<readonly number[]>;
  /**
   * False when so much time has passed since the last renewal (the process was frozen, or starved) that another relay may
   * have taken over: rows that were claimed before must not be sent any more.
   */
  isFresh(): boolean;
  release(): Promise<void>;
}

/** @param connection the relay's one connection: the same that claims and marks, so that killing it fences the relay. */
export function openShards(
  connection: Connection,
  { scope, owner, clock }: { readonly scope: Scope; readonly owner: string; readonly clock: Clock },
): Shards {
  const leases = new Map<number, Lease>();
  let renewAt = 0;
  let renewedAt = clock.monotonic();
  let acquireAt = 0;
  const acquireMissing = async (): Promise<void> => {
    for (let shard = 0; shard < shardCount; shard++) {
      if (leases.has(shard)) continue;
      const name = scope.lockName(`outbox.${shard}`);
      const lease = await acquireLease(connection, { name, owner, ttlMs: leaseTtlMs });
      if (lease !== undefined) leases.set(shard, lease);
    }
  };
  return {
    async owned() {
      const now = clock.monotonic();
      if (now >= renewAt) {
        const askedAt = clock.monotonic();
        if (!(await renewLeases(connection, [...leases.values()], leaseTtlMs))) leases.clear();
        renewAt = now + renewEveryMs;
        renewedAt = askedAt;
      }
      if (now >= acquireAt && leases.size < shardCount) {
        await acquireMissing();
        acquireAt = now + acquireEveryMs;
      }
      return [...leases.keys()];
    },
    isFresh: () => clock.monotonic() - renewedAt < leaseTtlMs,
    async release() {
      await releaseLeases(connection, [...leases.values()]);
      leases.clear();
    },
  };
}

import type { Pool } from '../../infra/mysql/pool.ts';
import { endFrozenSessions } from '../../infra/mysql/stale-sessions.ts';
import type { WorkerContext } from '../host/worker.ts';

const lockWaitTimeoutErrno = 1205;
/** Four missed heartbeats; less than a lock wait takes, so that one wait is enough. */
const silentMs = 4_000;

/**
 * What to do between two tries of a transaction: after a lock wait timeout, the partition's previous owner may be frozen
 * in the middle of its own, and would hold our rows for ever.
 */
export function locksOfFrozenOwners(
  pool: Pool,
  { scope, counters, log }: Pick<WorkerContext, 'scope' | 'counters' | 'log'>,
): (errno: number) => Promise<void> {
  const ownerPrefix = scope.clientId('balance-projector', 0).replace(/\.0$/, '');
  return async (errno) => {
    counters.add(`errno${errno}`);
    if (errno !== lockWaitTimeoutErrno) return;
    const ended = await endFrozenSessions(pool, { ownerPrefix, silentMs });
    counters.add('frozenEnded', ended);
    if (ended > 0) log.warn(`ended ${ended} session(s) of a frozen projector that held locks`);
  };
}

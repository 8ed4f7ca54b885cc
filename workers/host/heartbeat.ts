import type { TopKeys } from '../../infra/contract/top-keys.ts';
import type { Pool } from '../../infra/mysql/pool.ts';
import { identify } from '../../infra/process.ts';
import type { WorkerFinding } from '../protocol/messages.ts';

export interface Beat {
  readonly mode: string;
  readonly counters: Readonly<Record<string, number>>;
  readonly findings: readonly WorkerFinding[];
  /** Of a worker that counts the keys it asks the cache for. */
  readonly topKeys: TopKeys | undefined;
}

export interface Heartbeat {
  /** Upserts this process' row; the time is the database's. */
  beat(state: Beat): Promise<void>;
  /** An orderly end leaves no row, so that only a process that died leaves a stale one. */
  remove(): Promise<void>;
}

/** Rows of earlier processes of the same worker are replaced: whoever runs under this name now speaks for it. */
export async function openHeartbeat(pool: Pool, worker: string): Promise<Heartbeat> {
  const start = (await identify(process.pid))?.startedAt ?? 'unknown';
  const self = [worker, process.pid, start];
  let replaced = false;
  return {
    async beat({ mode, counters, findings, topKeys }) {
      if (!replaced) {
        await pool.query('DELETE FROM worker_heartbeat WHERE worker = ? AND NOT (pid = ? AND process_start = ?)', self);
        replaced = true;
      }
      await pool.query(
        `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, top_keys, beat_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, NOW(6))
         ON DUPLICATE KEY UPDATE mode = VALUES(mode), counters = VALUES(counters), findings = VALUES(findings),
                                 top_keys = VALUES(top_keys), beat_at = VALUES(beat_at)`,
        [
          ...self,
          mode,
          JSON.stringify(counters),
          JSON.stringify(findings),
          topKeys === undefined ? null : JSON.stringify(topKeys),
        ],
      );
    },
    async remove() {
      await pool.query('DELETE FROM worker_heartbeat WHERE worker = ? AND pid = ? AND process_start = ?', self);
    },
  };
}

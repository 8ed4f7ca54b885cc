import type { RowDataPacket } from 'mysql2/promise';
import type { Clock } from '../../infra/clock.ts';
import { type Dependency, switchNames } from '../../infra/contract/switches.ts';
import type { Pool } from '../../infra/mysql/pool.ts';

/** The lab's switches as of the last look, at most a second or so ago: faults that live in a worker. */
export interface Switches {
  /** Looks at the table again. When MySQL is down, what was known runs out at its own time. */
  refresh(): Promise<void>;
  /** Milliseconds that each record costs extra; 0 without the switch. */
  slowMs(): number;
  isOff(dependency: Dependency): boolean;
  hasBug(eventType: string): boolean;
  /** Share of transfers to plant undecodable events in, 0 … 1. */
  poisonShare(): number;
}

/** @param worker the worker's name; a second one (`balance-projector-2`) obeys the same switches. */
export function openSwitches(pool: Pick<Pool, 'query'>, worker: string, clock: Pick<Clock, 'monotonic'>): Switches {
  let known = new Map<string, { readonly value: string; readonly untilMs: number }>();
  const value = (name: string): string | undefined => {
    const found = known.get(name);
    return found !== undefined && clock.monotonic() < found.untilMs ? found.value : undefined;
  };
  const amount = (name: string): number => {
    const parsed = Number(value(name) ?? 0);
    return Number.isFinite(parsed) && parsed > 0 ? parsed : 0;
  };
  const kind = worker.replace(/-\d+$/, '');
  return {
    async refresh() {
      const [rows] = await pool.query<RowDataPacket[]>(
        `SELECT name, value, TIMESTAMPDIFF(MICROSECOND, NOW(6), expires_at) AS left_us FROM lab_switch
         WHERE expires_at IS NULL OR expires_at > NOW(6)`,
      );
      const now = clock.monotonic();
      known = new Map(
        rows.map((row) => {
          const untilMs = row.left_us === null ? Number.POSITIVE_INFINITY : now + Number(row.left_us) / 1000;
          return [String(row.name), { value: String(row.value), untilMs }];
        }),
      );
    },
    slowMs: () => amount(switchNames.slow(kind)),
    isOff: (dependency) => value(switchNames.dependency(dependency)) === 'off',
    hasBug: (eventType) => value(switchNames.bug(eventType)) === 'on',
    poisonShare: () => Math.min(1, amount(switchNames.poison)),
  };
}

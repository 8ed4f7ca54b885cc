import { z } from 'zod';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import { printable } from '../../text.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Finding, Probe } from '../probe.ts';
import { ageMs, notMapped, type Part, UnknownValue } from '../reading.ts';

export interface WorkersHealth {
  /** By name. */
  readonly workers: readonly WorkerHealth[];
}

export interface WorkerHealth {
  /** `outbox-relay`, `outbox-relay-2`. */
  readonly worker: string;
  readonly pid: number;
  readonly processStart: string;
  readonly mode: string;
  /** Of the last beat, by MySQL's clock. */
  readonly beatAgeMs: Part<number>;
  /** When the last beat was, by MySQL's clock; for rates. */
  readonly beatAtMs: number;
  /** Monotonic since the process began, and gauges. */
  readonly counters: Readonly<Record<string, number>>;
  /** Change of each counter from beat to beat; undefined without a beat before, or when the process is another. */
  readonly perSecond: Readonly<Record<string, number>> | undefined;
  /** Why the worker, or a partition of it, stands still, in its own words. */
  readonly findings: readonly { readonly key: string; readonly message: string }[];
}

/** Workers beat once a second; several missed beats mean dead, frozen, or cut off from MySQL. */
const staleMs = 5_000;

const row = z.object({
  worker: z.string(),
  pid: z.coerce.number(),
  process_start: z.string(),
  mode: z.string(),
  counters: z.record(z.string(), z.number()),
  findings: z.array(z.object({ key: z.string(), message: z.string() })),
  age_us: z.coerce.bigint(),
  beat_at_us: z.coerce.bigint(),
});

export const workersHealth: Probe<WorkersHealth> = {
  id: 'workers.health',
  title: { ko: '워커 상태', en: 'Workers' },
  cost: 'tick',
  timeoutMs: 3_000,
  async read({ mysql, roles }, { previous }) {
    if (roles.heartbeats === undefined) throw new UnknownValue(notMapped);
    const sql = `SELECT worker, pid, process_start, mode, counters, findings,
        TIMESTAMPDIFF(MICROSECOND, beat_at, NOW(6)) AS age_us,
        TIMESTAMPDIFF(MICROSECOND, '1970-01-01', beat_at) AS beat_at_us
      FROM ${quote(roles.heartbeats.table)} ORDER BY worker, beat_at`;
    const rows = await mysql.query(sql, [], row);
    return { workers: rows.map((beat) => workerOf(beat, previous?.value.workers)) };
  },
  judge({ workers }) {
    return workers.flatMap((worker) => [...staleFinding(worker), ...worker.findings.map(passedOn(worker.worker))]);
  },
  rows({ workers }) {
    return [
      ['WORKER', 'PID', 'LAST BEAT MS', 'MODE', 'COUNTERS', 'FINDINGS'],
      ...workers.map(({ worker, pid, beatAgeMs, mode, counters, findings }) => [
        worker,
        String(pid),
        beatAgeMs.known ? beatAgeMs.value.toFixed(0) : `? ${beatAgeMs.reason}`,
        mode,
        Object.entries(counters)
          .map(([name, value]) => `${name}=${value}`)
          .join(' '),
        findings.map(({ message }) => message).join('; '),
      ]),
    ];
  },
  verifyWith(target) {
    if (target.roles.heartbeats === undefined) return [];
    const { table } = target.roles.heartbeats;
    return [
      {
        command: mysqlCommand(
          target,
          `SELECT worker, pid, mode, TIMESTAMPDIFF(MICROSECOND, beat_at, NOW(6)) / 1000 AS age_ms, counters, findings FROM ${table} ORDER BY worker`,
        ),
        shows: {
          ko: '워커마다 마지막 하트비트 이후 시간(ms)과 카운터',
          en: 'age of the last beat in ms and the counters, a row a worker',
        },
      },
    ];
  },
};

function workerOf(beat: z.infer<typeof row>, before: readonly WorkerHealth[] | undefined): WorkerHealth {
  const worker = {
    worker: beat.worker,
    pid: beat.pid,
    processStart: beat.process_start,
    mode: beat.mode,
    beatAgeMs: ageMs(beat.age_us),
    beatAtMs: Number(beat.beat_at_us) / 1000,
    counters: beat.counters,
    findings: beat.findings.map(({ key, message }) => ({ key, message: printable(message) })),
  };
  const same = before?.find(
    (other) => other.worker === worker.worker && other.pid === worker.pid && other.processStart === worker.processStart,
  );
  return { ...worker, perSecond: ratesOf(same, worker) };
}

/** From beat to beat: readings and beats both come once a second, a rate between readings would jump between 0 and 2. */
function ratesOf(
  before: WorkerHealth | undefined,
  now: Pick<WorkerHealth, 'beatAtMs' | 'counters'>,
): WorkerHealth['perSecond'] {
  if (before === undefined) return undefined;
  const elapsedMs = now.beatAtMs - before.beatAtMs;
  if (elapsedMs <= 0) return before.perSecond;
  const counters = Object.entries(now.counters).filter(([name]) => !isGauge(name));
  return Object.fromEntries(
    counters.map(([name, value]) => [name, ((value - (before.counters[name] ?? 0)) * 1000) / elapsedMs]),
  );
}

/** Gauges carry their unit: `invalidatedLagMsP50`, `batchRecordsMax`. */
function isGauge(name: string): boolean {
  return /(Ms|Records)(P\d+|Max)?$/.test(name);
}

function staleFinding({ worker, pid, beatAgeMs }: WorkerHealth): readonly Finding[] {
  if (!beatAgeMs.known || beatAgeMs.value <= staleMs) return [];
  const seconds = Math.round(beatAgeMs.value / 1000);
  return [
    {
      key: `worker.${worker}`,
      severity: 'critical',
      text: {
        ko: `${worker}(pid ${pid})의 하트비트가 ${seconds}초째 없음: 죽었거나 멈췄거나 MySQL에 닿지 못함`,
        en: `${worker} (pid ${pid}) has not beaten for ${seconds} s: dead, frozen, or cut off from MySQL`,
      },
    },
  ];
}

function passedOn(worker: string): (finding: WorkerHealth['findings'][number]) => Finding {
  return ({ key, message }) => ({
    key: `worker.${worker}.${key}`,
    severity: 'warning',
    text: { ko: `${worker}: ${message}`, en: `${worker}: ${message}` },
  });
}

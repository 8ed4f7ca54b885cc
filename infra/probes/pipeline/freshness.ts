import { z } from 'zod';
import type { EffectsRole, OutboxRole } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import type { Target } from '../../target.ts';
import type { Text } from '../../text.ts';
import { mysqlCommand } from '../native-commands.ts';
import type { Finding, Probe } from '../probe.ts';
import { known, notMapped, type Part, partOf, UnknownValue, unknownPart } from '../reading.ts';
import { type AppliedPosition, type OldestUnapplied, readOldestUnapplied } from './oldest-unapplied.ts';

export type { OldestUnapplied } from './oldest-unapplied.ts';

export interface PipelineFreshness {
  /** How far back samples are taken. */
  readonly windowMs: number;
  /** Each counted from the commit of the transfer: created_at of its outbox row, by MySQL's clock. */
  readonly commitToSent: Part<Percentiles>;
  readonly commitToApplied: Part<Percentiles>;
  /** As the invalidator itself counts it; it alone sees when a key was invalidated. */
  readonly commitToCache: Part<Pick<Timed, 'p50Ms' | 'p99Ms'>>;
  /** The oldest event without an effect; null when every event looked at is applied. */
  readonly oldestUnapplied: Part<OldestUnapplied | null>;
  /** Where the next reading looks on. */
  readonly position: AppliedPosition | undefined;
}

/** Over the latest events of the window; `samples` 0: no event passed, and there is no percentile. */
export type Percentiles = { readonly samples: 0 } | Timed;

export interface Timed {
  readonly samples: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const windowSeconds = 30;
const samplesMax = 500;
const slowStageMs = 5_000;
const unappliedWarningMs = 10_000;
const unappliedCriticalMs = 60_000;

export const pipelineFreshness: Probe<PipelineFreshness> = {
  id: 'pipeline.freshness',
  title: { ko: '파이프라인 신선도', en: 'Pipeline freshness' },
  cost: 'tick',
  timeoutMs: 4_000,
  async read(target, { previous }) {
    const { mysql, roles } = target;
    const { outbox, effects } = roles;
    if (outbox === undefined) throw new UnknownValue(notMapped);
    const [stages, commitToCache, oldest] = await Promise.all([
      readStages(mysql, outbox, effects),
      partOf(readCache(target)).then(flat),
      effects === undefined
        ? unknownPart<Awaited<ReturnType<typeof readOldestUnapplied>>>(notMapped)
        : partOf(
            readOldestUnapplied(mysql, {
              outbox,
              effects,
              failures: roles.deliveryFailures,
              before: previous?.value.position,
            }),
          ),
    ]);
    return {
      windowMs: windowSeconds * 1000,
      ...stages,
      commitToCache,
      oldestUnapplied: oldest.known ? oldest.value.oldest : oldest,
      position: oldest.known ? oldest.value.position : previous?.value.position,
    };
  },
  judge({ commitToSent, commitToApplied, oldestUnapplied }) {
    return [
      ...unappliedFinding(oldestUnapplied),
      ...slowFinding('freshness.sent', { ko: '커밋에서 Kafka 전송까지', en: 'from commit to Kafka' }, commitToSent),
      ...slowFinding(
        'freshness.applied',
        { ko: '커밋에서 프로젝션 반영까지', en: 'from commit to the projection' },
        commitToApplied,
      ),
    ];
  },
  numbers({ commitToSent, commitToApplied, commitToCache, oldestUnapplied }) {
    const [sent, applied] = [timed(commitToSent), timed(commitToApplied)];
    return {
      ...(sent === undefined ? {} : { sentP99Ms: sent.p99Ms }),
      ...(applied === undefined ? {} : { appliedP99Ms: applied.p99Ms }),
      ...(commitToCache.known ? { cacheP99Ms: commitToCache.value.p99Ms } : {}),
      ...(oldestUnapplied.known ? { oldestUnappliedMs: oldestUnapplied.value?.ageMs ?? 0 } : {}),
    };
  },
  rows({ commitToSent, commitToApplied, commitToCache, oldestUnapplied }) {
    return [
      ['STAGE', 'P50 MS', 'P99 MS', 'MAX MS', 'SAMPLES'],
      stageRow('commit → sent', commitToSent),
      stageRow('commit → applied', commitToApplied),
      commitToCache.known
        ? ['commit → cache', commitToCache.value.p50Ms.toFixed(0), commitToCache.value.p99Ms.toFixed(0), '', '']
        : ['commit → cache', `? ${commitToCache.reason}`, '', '', ''],
      ['oldest unapplied', unappliedText(oldestUnapplied), '', '', ''],
    ];
  },
  verifyWith(target) {
    const { outbox, effects, deliveryFailures: failures } = target.roles;
    if (outbox === undefined || effects === undefined) return [];
    const o = outbox;
    const givenUp = `'${o.statusValues.dead}', '${o.statusValues.skipped}'`;
    const failed =
      failures === undefined
        ? ''
        : ` AND NOT EXISTS (SELECT 1 FROM ${failures.table} f WHERE f.${failures.dedupKey} = o.${o.dedupKey})`;
    return [
      {
        command: mysqlCommand(
          target,
          `SELECT COUNT(*) AS samples, MAX(TIMESTAMPDIFF(MICROSECOND, o.${o.createdAt}, e.${effects.appliedAt})) / 1000 AS max_ms FROM (SELECT ${effects.dedupKey}, ${effects.appliedAt} FROM ${effects.table} WHERE ${effects.appliedAt} > NOW(6) - INTERVAL ${windowSeconds} SECOND ORDER BY ${effects.appliedAt} DESC LIMIT ${samplesMax}) e JOIN ${o.table} o ON o.${o.dedupKey} = e.${effects.dedupKey}`,
        ),
        shows: { ko: '커밋 → 반영의 표본 수와 최댓값(ms)', en: 'samples and maximum in ms of commit → applied' },
      },
      {
        command: mysqlCommand(
          target,
          `SELECT TIMESTAMPDIFF(MICROSECOND, o.${o.createdAt}, NOW(6)) / 1000 AS age_ms, o.${o.dedupKey} FROM ${o.table} o WHERE o.${o.status} NOT IN (${givenUp}) AND NOT EXISTS (SELECT 1 FROM ${effects.table} e WHERE e.${effects.dedupKey} = o.${o.dedupKey})${failed} ORDER BY o.${o.id} LIMIT 1`,
        ),
        shows: {
          ko: '반영되지 않은 가장 오래된 이벤트와 나이(ms)',
          en: 'the oldest unapplied event and its age in ms',
        },
      },
    ];
  },
};

type Stages = Pick<PipelineFreshness, 'commitToSent' | 'commitToApplied'>;

/**
 * Both stages of the events applied last, because a pipeline that lags applies and sends what was committed long ago.
 * While nothing is applied, the sending of what was committed last still tells about the relay.
 */
async function readStages(mysql: ReadOnlyMysql, outbox: OutboxRole, effects: EffectsRole | undefined): Promise<Stages> {
  const applied =
    effects === undefined ? unknownPart<AppliedRow[]>(notMapped) : await partOf(readApplied(mysql, outbox, effects));
  const commitToApplied = applied.known ? percentiles(applied.value.map(({ applied_us }) => applied_us)) : applied;
  const sent = applied.known ? applied.value.flatMap(({ sent_us }) => sent_us ?? []) : [];
  if (sent.length > 0) return { commitToSent: percentiles(sent), commitToApplied };
  return { commitToSent: flat(await partOf(readSent(mysql, outbox))), commitToApplied };
}

const appliedRow = z.object({ applied_us: z.coerce.bigint(), sent_us: z.coerce.bigint().nullable() });
type AppliedRow = z.infer<typeof appliedRow>;

async function readApplied(mysql: ReadOnlyMysql, outbox: OutboxRole, effects: EffectsRole): Promise<AppliedRow[]> {
  const createdAt = `o.${quote(outbox.createdAt)}`;
  const sql = `SELECT TIMESTAMPDIFF(MICROSECOND, ${createdAt}, e.applied_at) AS applied_us,
      TIMESTAMPDIFF(MICROSECOND, ${createdAt}, o.${quote(outbox.sentAt)}) AS sent_us
    FROM (SELECT ${quote(effects.dedupKey)} AS dedup_key, ${quote(effects.appliedAt)} AS applied_at
          FROM ${quote(effects.table)} WHERE ${quote(effects.appliedAt)} > NOW(6) - INTERVAL ${windowSeconds} SECOND
          ORDER BY ${quote(effects.appliedAt)} DESC LIMIT ${samplesMax}) e
    JOIN ${quote(outbox.table)} o ON o.${quote(outbox.dedupKey)} = e.dedup_key`;
  return [...(await mysql.query(sql, [], appliedRow))];
}

async function readSent(mysql: ReadOnlyMysql, outbox: OutboxRole): Promise<Part<Percentiles>> {
  const [createdAt, sentAt] = [quote(outbox.createdAt), quote(outbox.sentAt)];
  const sql = `SELECT TIMESTAMPDIFF(MICROSECOND, ${createdAt}, ${sentAt}) AS us FROM ${quote(outbox.table)}
    WHERE ${createdAt} > NOW(6) - INTERVAL ${windowSeconds} SECOND
      AND ${quote(outbox.status)} = ? AND ${sentAt} IS NOT NULL
    ORDER BY ${createdAt} DESC LIMIT ${samplesMax}`;
  const rows = await mysql.query(sql, [outbox.statusValues.sent], z.object({ us: z.coerce.bigint() }));
  return percentiles(rows.map(({ us }) => us));
}

/** The nearest-rank percentile: a value that really occurred. */
export function percentiles(microseconds: readonly bigint[]): Part<Percentiles> {
  const sorted = [...microseconds].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
  const least = sorted[0];
  if (least === undefined) return known({ samples: 0 });
  if (least < 0n) return unknownPart('clock skew');
  const at = (percent: number): number =>
    Number(sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? least) / 1000;
  return known({ samples: sorted.length, p50Ms: at(50), p99Ms: at(99), maxMs: at(100) });
}

const cacheRow = z.object({ counters: z.record(z.string(), z.number()) });

/** The gauges stay as they were while nothing passes; a row that no longer beats says nothing about now. */
async function readCache({ mysql, roles }: Target): Promise<Part<Pick<Timed, 'p50Ms' | 'p99Ms'>>> {
  if (roles.heartbeats === undefined) throw new UnknownValue(notMapped);
  const sql = `SELECT counters FROM ${quote(roles.heartbeats.table)} WHERE beat_at > NOW(6) - INTERVAL 5 SECOND`;
  for (const { counters } of await mysql.query(sql, [], cacheRow)) {
    const { invalidatedLagMsP50: p50Ms, invalidatedLagMsP99: p99Ms } = counters;
    if (p50Ms !== undefined && p99Ms !== undefined) return known({ p50Ms, p99Ms });
  }
  return unknownPart('no living invalidator has told it');
}

/** A part that could not be read, and a part that was read as unknown, are the same to whoever looks. */
function flat<T>(part: Part<Part<T>>): Part<T> {
  return part.known ? part.value : part;
}

function timed(part: Part<Percentiles>): Timed | undefined {
  return part.known && part.value.samples > 0 ? (part.value as Timed) : undefined;
}

function unappliedFinding(oldest: PipelineFreshness['oldestUnapplied']): readonly Finding[] {
  if (!oldest.known || oldest.value === null || oldest.value.ageMs < unappliedWarningMs) return [];
  const { ageMs, dedupKey } = oldest.value;
  const seconds = Math.round(ageMs / 1000);
  return [
    {
      key: 'freshness.unapplied',
      severity: ageMs >= unappliedCriticalMs ? 'critical' : 'warning',
      text: {
        ko: `이벤트 ${dedupKey}이(가) 커밋된 지 ${seconds}초가 지나도록 프로젝션에 반영되지 않음`,
        en: `event ${dedupKey} was committed ${seconds} s ago and is not in the projection`,
      },
    },
  ];
}

function slowFinding(key: string, stage: Text, part: Part<Percentiles>): readonly Finding[] {
  const times = timed(part);
  if (times === undefined || times.p99Ms < slowStageMs) return [];
  const seconds = (times.p99Ms / 1000).toFixed(1);
  return [
    {
      key,
      severity: 'warning',
      text: { ko: `${stage.ko} p99 ${seconds}초`, en: `${stage.en} it takes ${seconds} s at the 99th percentile` },
    },
  ];
}

function stageRow(stage: string, part: Part<Percentiles>): readonly string[] {
  if (!part.known) return [stage, `? ${part.reason}`, '', '', ''];
  const times = timed(part);
  if (times === undefined) return [stage, '-', '-', '-', '0'];
  return [stage, times.p50Ms.toFixed(1), times.p99Ms.toFixed(1), times.maxMs.toFixed(1), String(times.samples)];
}

function unappliedText(oldest: PipelineFreshness['oldestUnapplied']): string {
  if (!oldest.known) return `? ${oldest.reason}`;
  if (oldest.value === null) return '-';
  const { ageMs, exact, dedupKey } = oldest.value;
  return `${exact ? '' : '≥ '}${ageMs.toFixed(0)} ms (${dedupKey})`;
}

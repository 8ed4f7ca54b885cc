import { messageOf } from '../errors.ts';
import { type CacheHitRatio, cacheHitRatio } from '../probes/cache/hit-ratio.ts';
import type { CacheEntry, EntryKind } from '../probes/cache/look.ts';
import { entryText, isFoundKind, noJitterText, noTtlText } from '../probes/cache/staleness-findings.ts';
import { sampleOf } from '../probes/cache/stampede.ts';
import { runOutTogether, ttlSpread } from '../probes/cache/ttl.ts';
import { quoted, redisCommand } from '../probes/native-commands.ts';
import type { Target } from '../target.ts';
import { printable, type Text } from '../text.ts';
import { type Sweep, sweepCache } from './cache-sweep.ts';
import type { Answer, Diagnosis, DiagnosisFinding, NextStep } from './diagnosis.ts';
import { readValue } from './read-probe.ts';

/** Which entries are not what the database says, and why; whether they can heal by themselves. */
export const cache: Diagnosis = {
  id: 'cache',
  title: { ko: '캐시', en: 'Cache' },
  question: {
    ko: '캐시가 옛 값을 주는가? 무효화는 소비되었는가? TTL은 흩어져 있는가?',
    en: 'does the cache serve old values, were their invalidations consumed, do entries run out together?',
  },
  probes: ['cache.staleness', 'cache.hit-ratio', 'kafka.group-lag'],
  narrowsBy: ['accountId', 'keys'],
  timeoutMs: 25_000,
  async ask(target, context): Promise<Answer> {
    const [sweep, ratio] = await Promise.all([
      sweepCache(target, context),
      readValue(cacheHitRatio, target, { ...context, subject: {} }).catch((error: unknown) => messageOf(error)),
    ]);
    const findings = [...entryFindings(sweep), ...ttlFindings(sweep)];
    return {
      status: statusOf(sweep, findings.length),
      counts: countsOf(sweep, ratio),
      findings,
      explanation: explanationOf(sweep, ratio),
      next: nextSteps(target, sweep),
    };
  },
};

const countOf = ({ entries }: Sweep, kind: EntryKind): number => entries.filter((entry) => entry.kind === kind).length;

function statusOf(sweep: Sweep, findings: number): Answer['status'] {
  if (findings > 0) return 'finding';
  const isSure = sweep.checked > 0 && sweep.unread === undefined && countOf(sweep, 'unverified') === 0;
  return isSure ? 'clean' : 'unknown';
}

function entryFindings({ entries }: Sweep): readonly DiagnosisFinding[] {
  const order: readonly EntryKind[] = ['stale', 'wrong-balance', 'ahead', 'undecodable', 'orphan'];
  const found = entries.filter(({ kind }) => isFoundKind(kind));
  return found
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
    .map((entry) => ({
      key: `cache.${entry.kind}.${entry.accountId}`,
      kind: entry.kind,
      severity: entry.kind === 'undecodable' || entry.kind === 'orphan' ? 'warning' : 'critical',
      text: entryText(entry),
      evidence: [evidenceOf(entry)],
      ...(entry.invalidation?.dedupKey === undefined ? {} : { trace: entry.invalidation.dedupKey }),
    }));
}

const textOf = (value: bigint | number | undefined): string | null => (value === undefined ? null : String(value));

function evidenceOf({
  key,
  cached,
  ttlMs,
  accountId,
  row,
  invalidation,
}: CacheEntry): DiagnosisFinding['evidence'][number] {
  return {
    key,
    cached,
    ttl_ms: ttlMs ?? null,
    account_id: String(accountId),
    database_seq: textOf(row?.seq),
    database_balance: textOf(row?.balance),
    invalidation: invalidation?.state ?? null,
    dedup_key: invalidation?.dedupKey ?? null,
    partition: invalidation?.partition ?? null,
    offset: textOf(invalidation?.offset),
    committed: textOf(invalidation?.committed),
  };
}

const evidenceKeys = 20;

function ttlFindings({ ttlsMs, withoutTtl }: Sweep): readonly DiagnosisFinding[] {
  const findings: DiagnosisFinding[] = [];
  const [example] = withoutTtl;
  if (example !== undefined) {
    findings.push({
      key: 'cache.no-ttl',
      kind: 'no-ttl',
      severity: 'warning',
      text: noTtlText(withoutTtl.length, example),
      evidence: withoutTtl.slice(0, evidenceKeys).map((key) => ({ key, ttl_ms: -1 })),
    });
  }
  const ttl = ttlSpread(ttlsMs);
  if (ttl !== undefined && runOutTogether(ttl)) {
    findings.push({
      key: 'cache.no-jitter',
      kind: 'no-jitter',
      severity: 'warning',
      text: noJitterText(ttl.together.entries, ttl.entries, ttl.together.inMs),
      evidence: [
        {
          entries: ttl.entries,
          min_ms: Math.round(ttl.minMs),
          median_ms: Math.round(ttl.medianMs),
          max_ms: Math.round(ttl.maxMs),
          within_one_second: ttl.together.entries,
        },
      ],
    });
  }
  return findings;
}

function countsOf(sweep: Sweep, ratio: CacheHitRatio | string): Answer['counts'] {
  const { ratio: share, loads, questions } = typeof ratio === 'string' ? {} : rounded(ratio);
  return {
    checked: sweep.checked,
    fresh: sweep.fresh,
    tombstones: sweep.tombstones,
    absent: sweep.absent,
    stale: countOf(sweep, 'stale'),
    wrongBalance: countOf(sweep, 'wrong-balance'),
    ahead: countOf(sweep, 'ahead'),
    undecodable: countOf(sweep, 'undecodable'),
    orphan: countOf(sweep, 'orphan'),
    pending: countOf(sweep, 'pending'),
    unverified: countOf(sweep, 'unverified'),
    withoutTtl: sweep.withoutTtl.length,
    ...(sweep.unread === undefined ? {} : { unread: sweep.unread.keys }),
    ...(share === undefined ? {} : { hitPercent: share }),
    ...(loads === undefined ? {} : { loadsPerSecond: loads }),
    ...(questions === undefined ? {} : { statementsPerSecond: questions }),
  };
}

function rounded(value: CacheHitRatio): {
  readonly ratio?: number;
  readonly loads?: number;
  readonly questions?: number;
} {
  const { ratio, loads, questions } = sampleOf(value, 0);
  return {
    ...(ratio === undefined ? {} : { ratio: Math.round(ratio * 1000) / 10 }),
    ...(loads === undefined ? {} : { loads: Math.round(loads) }),
    ...(questions === undefined ? {} : { questions: Math.round(questions) }),
  };
}

function explanationOf(sweep: Sweep, ratio: CacheHitRatio | string): Text {
  const { checked, unread, isWhole } = sweep;
  const [pending, unverified] = [countOf(sweep, 'pending'), countOf(sweep, 'unverified')];
  const parts: Text[] = [
    {
      ko: `계좌 ${checked}개${isWhole ? '' : ' (처음부터 이만큼만)'}의 캐시 값을 데이터베이스와 비교하고, 어긋난 것은 무효화가 소비되었는지 본 뒤 다시 읽었습니다`,
      en: `${checked} accounts${isWhole ? '' : ' (the first ones only)'}: cache against database; what differed was read again after looking whether its invalidation was consumed`,
    },
  ];
  if (pending > 0) {
    parts.push({
      ko: `${pending}개는 무효화가 오는 중이라 세지 않았습니다`,
      en: `for ${pending} the invalidation is on its way: no finding`,
    });
  }
  if (unverified > 0) {
    parts.push({
      ko: `${unverified}개는 옛 값이지만 무효화가 소비되었는지 알 수 없습니다`,
      en: `${unverified} are old, and nothing tells whether their invalidation was consumed`,
    });
  }
  if (unread !== undefined) {
    parts.push({
      ko: `${unread.keys}개는 읽지 못했습니다 (${unread.reason})`,
      en: `${unread.keys} could not be read (${unread.reason})`,
    });
  }
  if (checked === 0) parts.push({ ko: '살펴볼 것이 없었습니다', en: 'there was nothing to look at' });
  parts.push(
    typeof ratio === 'string'
      ? { ko: `적중률은 알 수 없습니다 (${printable(ratio)})`, en: `the hit ratio is unknown (${printable(ratio)})` }
      : {
          ko: '적중률의 급락은 감시 중에만 보입니다: labctl get cache.hit-ratio -w',
          en: 'a fall of the hit ratio shows only while watching: labctl get cache.hit-ratio -w',
        },
  );
  return { ko: parts.map(({ ko }) => ko).join('. '), en: parts.map(({ en }) => en).join('. ') };
}

function nextSteps(target: Target, sweep: Sweep): readonly NextStep[] {
  const first = sweep.entries.find(({ kind }) => isFoundKind(kind));
  const steps: NextStep[] = [];
  if (first !== undefined) {
    steps.push(
      {
        text: { ko: '캐시의 값을 직접 보기', en: 'look at what the cache holds' },
        command: redisCommand(target, `GET ${quoted(first.key)}`),
      },
      {
        text: { ko: '이 계좌만 다시 확인', en: 'look at this account again' },
        command: `labctl diagnose cache --account ${first.accountId}`,
      },
    );
  }
  if (first !== undefined || countOf(sweep, 'pending') > 0) {
    steps.push({
      text: { ko: '무효화 컨슈머가 밀리는지 보기', en: 'see whether the invalidator falls behind' },
      command: 'labctl get kafka.group-lag',
    });
  }
  return steps;
}

import type { Finding } from '../probe.ts';
import type { CacheHitRatio, HitSample } from './hit-ratio.ts';

/** What is "now" and what it is compared with, in readings of a second. */
const nowReadings = 3;
const baselineReadings = 10;
/** A ratio of a handful of reads jumps about. */
const readsMin = 20;
const ratioDrop = 0.2;
const loadsFactor = 2;
const loadsMoreMin = 20;

/**
 * The two signs of a stampede together: the ratio falls and the database is read much more. Either alone is everyday: a
 * burst of transfers invalidates entries, a busy hour asks more of the database.
 */
export function judgeCacheHitRatio(history: readonly HitSample[], last: HitSample): readonly Finding[] {
  const samples = [...history, last];
  const now = means(samples.slice(-nowReadings));
  const before = means(samples.slice(0, -nowReadings).slice(-60));
  if (now === undefined || before === undefined) return [];
  if (now.samples < nowReadings || before.samples < baselineReadings) return [];
  const rise = now.loads - before.loads;
  if (now.ratio > before.ratio - ratioDrop || rise < loadsMoreMin || now.loads < before.loads * loadsFactor) return [];
  const [from, to] = [before.ratio, now.ratio].map((ratio) => `${(ratio * 100).toFixed(0)} %`);
  const [loadsBefore, loads] = [before.loads, now.loads].map((perSecond) => perSecond.toFixed(0));
  return [
    {
      key: 'cache.stampede',
      severity: 'critical',
      text: {
        ko: `스탬피드 징후: 적중률 ${from} → ${to}, 데이터베이스 조회 초당 ${loadsBefore} → ${loads}`,
        en: `signs of a stampede: hit ratio ${from} → ${to}, reads of the database ${loadsBefore} → ${loads} a second`,
      },
    },
  ];
}

/** Over the readings in which somebody read. */
function means(
  samples: readonly HitSample[],
): { readonly ratio: number; readonly loads: number; readonly samples: number } | undefined {
  const used = samples.flatMap(({ ratio, reads, loads, questions }) => {
    const fromDatabase = loads ?? questions;
    return ratio === undefined || reads < readsMin || fromDatabase === undefined ? [] : [{ ratio, fromDatabase }];
  });
  if (used.length === 0) return undefined;
  const sum = used.reduce((total, one) => ({
    ratio: total.ratio + one.ratio,
    fromDatabase: total.fromDatabase + one.fromDatabase,
  }));
  return { ratio: sum.ratio / used.length, loads: sum.fromDatabase / used.length, samples: used.length };
}

/** By the readers' own count where there is one: it is the one that causes loads. */
export function sampleOf(value: Pick<CacheHitRatio, 'keyspace' | 'readers' | 'database'>, atMs: number): HitSample {
  const { keyspace, readers, database } = value;
  const counts = readers.known ? readers.value : keyspace.known ? keyspace.value : undefined;
  const reads = counts === undefined ? 0 : counts.hits + counts.misses;
  return {
    atMs,
    ratio: counts === undefined || reads === 0 ? undefined : counts.hits / reads,
    reads,
    loads: readers.known ? readers.value.loads : undefined,
    questions: database.known ? database.value.questions : undefined,
  };
}

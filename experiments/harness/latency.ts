import { dedupKeyOf } from '../../infra/contract/dedup-key.ts';
import type { History, Stage } from './history.ts';
import type { Quantiles } from './result.ts';

const measures = { commitToSent: 'sent', commitToApplied: 'applied', commitToCache: 'invalidated' } as const;
export type LatencyName = keyof typeof measures;

/**
 * Time from the writer's hearing of its COMMIT to each stage of its events, both by the machine's one clock. The relay
 * may be faster than that answer: such a time is 0, never negative.
 * @returns undefined where nothing was traced.
 */
export function latenciesOf({ transfers, stages }: History): Readonly<Record<LatencyName, Quantiles>> | undefined {
  const samples: Record<LatencyName, number[]> = { commitToSent: [], commitToApplied: [], commitToCache: [] };
  for (const { txId, from, to, outcome, endedAtMs } of transfers.values()) {
    if (outcome !== 'ok' || endedAtMs === undefined) continue;
    for (const dedupKey of [dedupKeyOf(txId, from), dedupKeyOf(txId, to)]) {
      for (const [name, stage] of Object.entries(measures) as [LatencyName, Stage][]) {
        const at = stages[stage].get(dedupKey);
        if (at !== undefined) samples[name].push(Math.max(0, at - endedAtMs));
      }
    }
  }
  const [sent, applied, cache] = [samples.commitToSent, samples.commitToApplied, samples.commitToCache].map(
    quantilesOf,
  );
  if (sent === undefined || applied === undefined || cache === undefined) return undefined;
  return { commitToSent: sent, commitToApplied: applied, commitToCache: cache };
}

/** By nearest rank over all samples: the p-quantile is a value that really occurred. */
export function quantilesOf(samples: readonly number[]): Quantiles | undefined {
  const sorted = [...samples].sort((left, right) => left - right);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  if (sorted.length === 0) return undefined;
  return { samples: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

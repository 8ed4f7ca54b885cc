import type { RunResult } from './result.ts';

/** One figure that differs from the last green run of the same experiment and size. */
export interface Difference {
  readonly arm: string;
  readonly figure: string;
  readonly before: number;
  readonly now: number;
}

export interface Comparison {
  readonly withRun: string;
  readonly differences: readonly Difference[];
}

/** Pure. Durations, latencies, and every count that both runs have and that is not the same; witnesses vary by nature. */
export function compareRuns(before: RunResult, now: RunResult): Comparison {
  const figuresBefore = figuresOf(before);
  const differences = [...figuresOf(now)].flatMap(([key, { arm, figure, value }]) => {
    const old = figuresBefore.get(key);
    return old === undefined || old.value === value ? [] : [{ arm, figure, before: old.value, now: value }];
  });
  return { withRun: before.runId, differences };
}

interface Figure {
  readonly arm: string;
  readonly figure: string;
  readonly value: number;
}

function figuresOf({ arms, durationMs }: RunResult): ReadonlyMap<string, Figure> {
  const figures: Figure[] = [{ arm: '', figure: 'durationMs', value: durationMs }];
  for (const { name, counts, latencyMs } of arms) {
    for (const [figure, value] of Object.entries(counts)) figures.push({ arm: name, figure, value });
    for (const [stage, quantiles] of Object.entries(latencyMs ?? {})) {
      for (const quantile of ['p50', 'p95', 'p99'] as const) {
        figures.push({ arm: name, figure: `${stage}.${quantile}`, value: quantiles[quantile] });
      }
    }
  }
  return new Map(figures.map((figure) => [`${figure.arm}/${figure.figure}`, figure]));
}

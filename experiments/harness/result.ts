import { z } from 'zod';
import { armVerdict, checkVerdict, cleanupVerdict, expectation, runVerdict } from './verdict.ts';

/** The JSON contract of `exp run --json` and `exp assert --json`; the README shows it. Money would be strings. */
export const resultSchema = 'labctl.exp.run/1';

/** Milliseconds; quantiles by nearest rank over all samples. */
export const quantiles = z.object({
  samples: z.number().int(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});
export type Quantiles = z.infer<typeof quantiles>;

export const armResult = z.strictObject({
  name: z.string(),
  expects: expectation,
  verdict: armVerdict,
  counts: z.record(z.string(), z.number().int()),
  /** What was seen of each witness; null where it could not be measured. Whether it was enough is in the verdict. */
  witnesses: z.record(z.string(), z.number().nullable()),
  latencyMs: z.record(z.string(), quantiles).optional(),
  /** For arms that ask diagnoses: whether each named exactly what the recorded rows hold, and how many both have. */
  diagnosed: z
    .strictObject({
      agrees: z.boolean(),
      diagnoses: z.record(
        z.string(),
        z.strictObject({ verdict: checkVerdict, found: z.number().int(), truth: z.number().int() }),
      ),
    })
    .optional(),
});

export const runResult = z.strictObject({
  schema: z.literal(resultSchema),
  experiment: z.string(),
  runId: z.string(),
  seed: z.number().int(),
  fast: z.boolean(),
  verdict: runVerdict,
  cleanup: cleanupVerdict,
  durationMs: z.number().int(),
  arms: z.array(armResult),
  engines: z.record(z.string(), z.string()),
});
export type RunResult = z.infer<typeof runResult>;

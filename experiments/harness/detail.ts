import { z } from 'zod';
import { armResult } from './result.ts';
import { checkVerdict } from './verdict.ts';

const text = z.object({ ko: z.string(), en: z.string() });

/** An arm's result with what people want to know behind it: which check, which rows, which witness was too little. */
export const armDetail = z.object({
  title: text,
  result: armResult,
  /** Why the verdict is not a plain one. */
  reasons: z.array(z.string()),
  checks: z.array(
    z.object({
      name: z.string(),
      title: text,
      labels: z.record(z.string(), text),
      verdict: checkVerdict,
      checked: z.number(),
      counts: z.record(z.string(), z.number()),
      examples: z.array(z.record(z.string(), z.union([z.string(), z.number()]))),
      reason: z.string().optional(),
    }),
  ),
  witnesses: z.array(
    z.object({ name: z.string(), title: text, needs: z.string(), seen: z.number().nullable(), met: z.boolean() }),
  ),
  gate: z.array(z.object({ check: z.string(), met: z.boolean(), seen: z.string() })),
  durationMs: z.number(),
});
export type ArmDetail = z.infer<typeof armDetail>;

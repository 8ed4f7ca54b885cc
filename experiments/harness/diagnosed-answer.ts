import { z } from 'zod';

/** What a diagnosis answered about an arm's scope when it had come to rest; as it is written to the final state. */
export const recordedAnswer = z.object({
  diagnosis: z.string(),
  status: z.enum(['clean', 'finding', 'unknown']),
  counts: z.record(z.string(), z.number()),
  findings: z.array(z.object({ key: z.string(), kind: z.string() })),
  /** Why it could not be answered. */
  reason: z.string().optional(),
});
export type RecordedAnswer = z.infer<typeof recordedAnswer>;

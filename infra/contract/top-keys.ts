import { z } from 'zod';

/** What a client of the cache counted over its last `windowMs`; in worker_heartbeat as JSON. */
export const topKeys = z.object({
  windowMs: z.number(),
  /** All keys it asked for, repeated ones included. */
  total: z.number(),
  /** Different keys it noticed; at least. */
  distinct: z.number(),
  /** Exact, the most asked for first: slot, count. */
  slots: z.array(z.tuple([z.number(), z.number()])),
  /** Exact for few, an estimate for many, the most asked for first: key, count. */
  keys: z.array(z.tuple([z.string(), z.number()])),
});

export type TopKeys = z.infer<typeof topKeys>;

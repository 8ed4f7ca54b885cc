/** How the remaining times of cached entries are spread. Entries with jitter run out one by one, those without together. */
export interface TtlSpread {
  readonly entries: number;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  /** The most that run out within one second, and in how long that is. */
  readonly together: { readonly entries: number; readonly inMs: number };
}

const windowMs = 1_000;
/** Fewer say nothing about how they are spread. */
const entriesMin = 30;
/** Entries that live but a few seconds cannot be spread. */
const lifetimeMin = 10_000;
const togetherShare = 0.5;

/** @returns undefined for too few entries to tell. */
export function ttlSpread(ttlsMs: readonly number[]): TtlSpread | undefined {
  const sorted = [...ttlsMs].sort((a, b) => a - b);
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  let [most, from, start] = [0, first, 0];
  for (const [end, ttl] of sorted.entries()) {
    while (ttl - (sorted[start] ?? 0) > windowMs) start += 1;
    if (end - start + 1 <= most) continue;
    most = end - start + 1;
    from = sorted[start] ?? 0;
  }
  const medianMs = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { entries: sorted.length, minMs: first, medianMs, maxMs: last, together: { entries: most, inMs: from } };
}

/** Most of them run out within a second: all of those are loaded anew at once. */
export function runOutTogether({ entries, maxMs, together }: TtlSpread): boolean {
  return entries >= entriesMin && maxMs >= lifetimeMin && together.entries >= entries * togetherShare;
}

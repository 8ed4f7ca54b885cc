import type { Part } from '../reading.ts';

/**
 * Whether a partition is being worked off, told from a few remembered numbers: a mark is set at the high watermark, and
 * when the group has committed past it, every record before it has been handled. So the mark's age is how long records
 * have waited at least, whatever the rate, and a busy group that keeps up is never more than a reading or two behind.
 */
export interface Progress {
  /** The high watermark when the mark was set. */
  readonly markOffset: bigint;
  readonly markAtMs: number;
  /** How long the mark before this one took, 0 for the first. */
  readonly lastWaitMs: number;
  readonly committed: bigint;
  readonly committedSinceMs: number;
}

/** @param at the committed offset (or the log start where there is none) and the high watermark. */
export function progressAfter(
  before: Progress | undefined,
  at: { readonly committed: bigint; readonly highWatermark: bigint },
  nowMs: number,
): Progress | undefined {
  if (at.committed >= at.highWatermark) return undefined;
  const fresh = { markOffset: at.highWatermark, markAtMs: nowMs, committed: at.committed };
  // A committed offset that went back was reset by hand: what was remembered says nothing about it.
  if (before === undefined || at.committed < before.committed) {
    return { ...fresh, lastWaitMs: 0, committedSinceMs: nowMs };
  }
  const committedSinceMs = at.committed === before.committed ? before.committedSinceMs : nowMs;
  if (at.committed >= before.markOffset) {
    return { ...fresh, lastWaitMs: nowMs - before.markAtMs, committedSinceMs };
  }
  return { ...before, committed: at.committed, committedSinceMs };
}

/** How long records have waited at least, by the last completed mark or the standing one. */
export function waitedMs(progress: Progress | undefined, nowMs: number): number {
  return progress === undefined ? 0 : Math.max(progress.lastWaitMs, nowMs - progress.markAtMs);
}

/** How long nothing was committed although records wait. */
export function stillMs(progress: Progress | undefined, nowMs: number): number {
  return progress === undefined ? 0 : nowMs - progress.committedSinceMs;
}

/** Offsets passed per second between two readings of the same partitions; parts unknown in either are left out. */
export function ratePerSecond(
  pairs: readonly { readonly before: Part<bigint>; readonly now: Part<bigint> }[],
  elapsedMs: number,
): number {
  let passed = 0n;
  for (const { before, now } of pairs) {
    if (before.known && now.known && now.value > before.value) passed += now.value - before.value;
  }
  return (Number(passed) * 1000) / elapsedMs;
}

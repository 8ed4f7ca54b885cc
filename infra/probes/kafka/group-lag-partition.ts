import type { PartitionOffsets } from '../../kafka/read-offsets.ts';
import { known, type Part, unknownPart } from '../reading.ts';
import type { GroupMember, LagSplit, PartitionLag, Rates, Watched } from './group-lag.ts';
import type { PositionFacts } from './group-lag-position.ts';
import { deletedInMs, type TopicRetention } from './group-lag-retention.ts';
import { progressAfter, ratePerSecond, stillMs, waitedMs } from './group-progress.ts';

export type LagOffsets = PartitionOffsets<'logStart' | 'lastStable' | 'highWatermark'>;

export interface PartitionContext {
  readonly committed: Part<bigint | null>;
  readonly members: readonly GroupMember[];
  readonly earlier: PartitionLag | undefined;
  /** What was found at its position in this reading; absent: what was found before still holds, if it does. */
  readonly facts?: PositionFacts | undefined;
  readonly retention: TopicRetention | undefined;
  /** Since the reading before. */
  readonly elapsedMs: number | undefined;
  readonly nowMs: number;
}

/** What is known of a group on one partition. */
export function partitionLag(listed: LagOffsets, context: PartitionContext): PartitionLag {
  const { committed, earlier, nowMs } = context;
  const { partition, leader, offsets } = listed;
  const { logStart, lastStable, highWatermark } = offsets;
  const position = positionOf(committed, logStart);
  const facts = factsOf(position, context);
  const split = splitOf(position, offsets, facts);
  // Unknown for a moment: what was remembered still holds when it is known again.
  const progress =
    position.known && split.known
      ? progressAfter(
          earlier?.progress,
          { committed: position.value, highWatermark: position.value + split.value.readable },
          nowMs,
        )
      : earlier?.progress;
  const ahead = aheadOf(committed, highWatermark);
  const watched = watchedSince(offsets, earlier?.watched, nowMs);
  const lost = lostOf(committed, logStart);
  const at = { lost, logStart, facts, watched };
  const waits = split.known && split.value.readable > 0n;
  return {
    partition,
    leader,
    committed,
    ...offsets,
    lag: split.known ? known(split.value.readable + split.value.blocked + split.value.markers) : split,
    split,
    lost,
    ahead,
    aheadReadings: ahead > 0n ? (earlier?.aheadReadings ?? 0) + 1 : 0,
    clientId: context.members.find(({ partitions }) => partitions.includes(partition))?.clientId,
    perSecond: ratesOf(earlier, { committed, logStart, highWatermark }, context.elapsedMs),
    waitedMs: waits ? waitedMs(progress, nowMs) : 0,
    stillMs: waits ? stillMs(progress, nowMs) : 0,
    timeLagMs: timeLagOf(split, facts, nowMs),
    deletedInMs:
      waits && position.known
        ? deletedInMs({ ...at, position: position.value }, context.retention, nowMs)
        : known(null),
    blockedMs: split.known && split.value.blocked > 0n ? blockedMsOf(lastStable, facts, watched, nowMs) : 0,
    progress,
    facts,
    watched,
  };
}

/** Where the group reads on: what it committed, or the log start, before which there is nothing. */
export function positionOf(committed: Part<bigint | null>, logStart: Part<bigint>): Part<bigint> {
  if (!committed.known) return committed;
  if (!logStart.known) return logStart;
  const start = logStart.value;
  return known(committed.value === null || committed.value < start ? start : committed.value);
}

/** Those of this reading, or those before, as long as neither the position nor the partition's ends have moved. */
function factsOf(position: Part<bigint>, { facts, earlier }: PartitionContext): PositionFacts | undefined {
  const latest = facts ?? earlier?.facts;
  return latest !== undefined && position.known && latest.position === position.value ? latest : undefined;
}

function splitOf(
  position: Part<bigint>,
  { lastStable, highWatermark }: LagOffsets['offsets'],
  facts: PositionFacts | undefined,
): Part<LagSplit> {
  if (!position.known) return position;
  if (!highWatermark.known) return highWatermark;
  if (!lastStable.known) return lastStable;
  // The two watermarks are asked for one beside the other: on a busy partition either may be the later.
  const end = max(highWatermark.value, lastStable.value);
  const from = position.value < end ? position.value : end;
  const below = max(0n, lastStable.value - from);
  const nothing = facts?.nothingToRead === true && facts.lastStable === lastStable.value;
  return known({
    readable: nothing ? 0n : below,
    markers: nothing ? below : 0n,
    blocked: end - max(lastStable.value, from),
  });
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

function lostOf(committed: Part<bigint | null>, logStart: Part<bigint>): bigint {
  if (!committed.known || committed.value === null || !logStart.known) return 0n;
  return max(0n, logStart.value - committed.value);
}

function aheadOf(committed: Part<bigint | null>, highWatermark: Part<bigint>): bigint {
  if (!committed.known || committed.value === null || !highWatermark.known) return 0n;
  return max(0n, committed.value - highWatermark.value);
}

/** Of this machine's clock against the record's timestamp, which its producer or the broker set. */
function timeLagOf(split: Part<LagSplit>, facts: PositionFacts | undefined, nowMs: number): Part<number | null> {
  if (!split.known) return split;
  if (split.value.readable === 0n) return known(null);
  if (facts?.oldestMs === undefined) return unknownPart('the oldest unread record has not been looked at');
  return nowMs < facts.oldestMs ? unknownPart('clock skew') : known(nowMs - facts.oldestMs);
}

function watchedSince(
  { logStart, lastStable }: LagOffsets['offsets'],
  before: Watched | undefined,
  nowMs: number,
): Watched {
  const first = (offset: Part<bigint>) => (offset.known ? { offset: offset.value, atMs: nowMs } : undefined);
  const stands =
    before?.lastStable !== undefined && (!lastStable.known || before.lastStable.offset === lastStable.value);
  return {
    logStart: before?.logStart ?? first(logStart),
    lastStable: stands ? before.lastStable : first(lastStable),
  };
}

function blockedMsOf(
  lastStable: Part<bigint>,
  facts: PositionFacts | undefined,
  watched: Watched,
  nowMs: number,
): number {
  const byReadings = watched.lastStable === undefined ? 0 : nowMs - watched.lastStable.atMs;
  const sameEnd = lastStable.known && facts?.lastStable === lastStable.value;
  const byRecord = sameEnd && facts.open !== undefined ? nowMs - facts.open.sinceMs : 0;
  return Math.max(byReadings, byRecord);
}

function ratesOf(
  before: PartitionLag | undefined,
  now: Pick<PartitionLag, 'committed' | 'logStart' | 'highWatermark'>,
  elapsedMs: number | undefined,
): Rates | undefined {
  if (before === undefined || elapsedMs === undefined || elapsedMs <= 0) return undefined;
  const produced = [{ before: before.highWatermark, now: now.highWatermark }];
  const consumed = [
    { before: positionOf(before.committed, before.logStart), now: positionOf(now.committed, now.logStart) },
  ];
  if (![...produced, ...consumed].every((pair) => pair.before.known && pair.now.known)) return undefined;
  return { produced: ratePerSecond(produced, elapsedMs), consumed: ratePerSecond(consumed, elapsedMs) };
}

import type { FetchAt } from '../../kafka/read-batches.ts';
import type { KafkaReader } from '../../kafka/reader.ts';
import { factsAt, type PositionFacts } from './group-lag-position.ts';

export interface WantedFacts extends FetchAt {
  /** Of `placeOf`. */
  readonly place: string;
  readonly lag: bigint;
  /** 0: never. */
  readonly lookedAtMs: number;
}

/** A group on a partition. */
export const placeOf = (
  { groupId, topic }: { readonly groupId: string; readonly topic: string },
  partition: number,
): string => `${groupId}/${topic}/${partition}`;

/** Partitions looked at in one request to a broker, and how much of each is fetched. */
const perLeaderMax = 30;
const bytesMax = { partition: 16 * 1024, all: 512 * 1024 };
/** A group that moves has another oldest record each time; its age is wanted now and then. */
const movingEveryMs = 5_000;
const standingEveryMs = 1_000;

export function isDue(facts: PositionFacts | undefined, position: bigint, lastStable: bigint, nowMs: number): boolean {
  if (facts === undefined) return true;
  const ageMs = nowMs - facts.readAtMs;
  if (facts.position !== position) return ageMs >= movingEveryMs;
  // Something readable stays what it is, however much comes behind it.
  if (facts.lastStable === lastStable || facts.oldestMs !== undefined) return false;
  return ageMs >= standingEveryMs;
}

/**
 * One request a leader; a partition is in it once, for the group that was looked at longest ago, and serves every other
 * whose position the answer reaches.
 * @returns by place.
 */
export async function readFacts(
  kafka: KafkaReader,
  wanted: readonly WantedFacts[],
  nowMs: number,
): Promise<ReadonlyMap<string, PositionFacts>> {
  const first = wanted.toSorted((a, b) => a.lookedAtMs - b.lookedAtMs || (a.lag < b.lag ? 1 : -1));
  const once = new Map<string, WantedFacts>();
  for (const want of first) {
    const partition = `${want.topic}/${want.partition}`;
    if (!once.has(partition)) once.set(partition, want);
  }
  const byLeader = Map.groupBy(once.values(), ({ leader }) => leader);
  const asked = [...byLeader.values()].flatMap((wants) => wants.slice(0, perLeaderMax));
  if (asked.length === 0) return new Map();
  const fetched = await kafka.batchesAt(asked, bytesMax);
  return new Map(
    wanted.flatMap(({ place, topic, partition, offset }) => {
      const part = fetched.get(`${topic}/${partition}`);
      const from = once.get(`${topic}/${partition}`)?.offset;
      if (part?.known !== true || from === undefined || offset < from) return [];
      const isReached = offset === from || (part.value.batches.at(-1)?.lastOffset ?? -1n) >= offset;
      return isReached ? [[place, factsAt(offset, part.value, nowMs)] as const] : [];
    }),
  );
}

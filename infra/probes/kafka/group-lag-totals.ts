import { known, type Part, type Total, total, unknownPart } from '../reading.ts';
import type { GroupLag, HotPartition, PartitionLag, Rates } from './group-lag.ts';
import { positionOf } from './group-lag-partition.ts';
import { ratePerSecond } from './group-progress.ts';

/** Not even the number of partitions is known: one unknown part stands for them. */
export function totalsOf(
  partitions: GroupLag['partitions'],
): Pick<GroupLag, 'lag' | 'readable' | 'blocked' | 'markers'> {
  const of = (read: (partition: PartitionLag) => Part<bigint>): Total =>
    total(partitions.known ? partitions.value.map(read) : [unknownPart(partitions.reason)]);
  return {
    lag: of(({ lag }) => lag),
    readable: of(({ split }) => (split.known ? known(split.value.readable) : split)),
    blocked: of(({ split }) => (split.known ? known(split.value.blocked) : split)),
    markers: of(({ split }) => (split.known ? known(split.value.markers) : split)),
  };
}

export function ratesOfAll(
  before: GroupLag['partitions'] | undefined,
  now: GroupLag['partitions'],
  elapsedMs: number | undefined,
): Rates | undefined {
  if (before === undefined || !before.known || !now.known || elapsedMs === undefined || elapsedMs <= 0)
    return undefined;
  const earlier = new Map(before.value.map((one) => [one.partition, one] as const));
  const pairs = now.value.flatMap((partition) => {
    const same = earlier.get(partition.partition);
    return same === undefined ? [] : [{ same, partition }];
  });
  const of = (read: (partition: PartitionLag) => Part<bigint>): number =>
    ratePerSecond(
      pairs.map(({ same, partition }) => ({ before: read(same), now: read(partition) })),
      elapsedMs,
    );
  return {
    produced: of(({ highWatermark }) => highWatermark),
    consumed: of(({ committed, logStart }) => positionOf(committed, logStart)),
  };
}

export function drainMs({ atLeast, unknown }: Total, perSecond: Rates | undefined): number | null | undefined {
  if (perSecond === undefined || unknown > 0) return undefined;
  if (atLeast === 0n) return 0;
  const net = perSecond.consumed - perSecond.produced;
  return net <= 0 ? null : (Number(atLeast) / net) * 1000;
}

/** Below these there is nothing to speak of. */
const hotLagMin = 1_000;
const hotRateMin = 100;

/** One that has at least half of it, and thrice what an even spread would give it. */
export function hotPartition(partitions: GroupLag['partitions']): HotPartition | undefined {
  if (!partitions.known || partitions.value.length < 3) return undefined;
  const lags = partitions.value.map(({ partition, split }) => ({
    partition,
    amount: split.known ? Number(split.value.readable) : undefined,
  }));
  const rates = partitions.value.map(({ partition, perSecond }) => ({ partition, amount: perSecond?.produced }));
  return hottest(lags, 'lag', hotLagMin) ?? hottest(rates, 'produced', hotRateMin);
}

function hottest(
  amounts: readonly { readonly partition: number; readonly amount: number | undefined }[],
  of: HotPartition['of'],
  min: number,
): HotPartition | undefined {
  // A share of a sum of which a part is unknown is none.
  if (amounts.some(({ amount }) => amount === undefined)) return undefined;
  const sum = amounts.reduce((all, { amount = 0 }) => all + amount, 0);
  const [top] = amounts.toSorted((a, b) => (b.amount ?? 0) - (a.amount ?? 0));
  if (top?.amount === undefined || top.amount < min) return undefined;
  const share = top.amount / sum;
  return share >= 0.5 && share >= 3 / amounts.length ? { partition: top.partition, of, share } : undefined;
}

import type { GroupCommit } from '../../kafka/wire/group-records.ts';

/** Commits of a group, as far as they are remembered. */
export interface Commits {
  /** The last of each partition, by `topic/partition`. */
  readonly last: Readonly<Record<string, { readonly offset: bigint; readonly atMs: number }>>;
  /** The latest at most `samplesMax`: since the commit before on that partition. */
  readonly samples: readonly { readonly everyMs: number; readonly records: number }[];
}

export interface CommitPace {
  readonly commits: number;
  readonly everyMsP50: number;
  readonly everyMsMax: number;
  readonly recordsP50: number;
  readonly recordsMax: number;
}

const samplesMax = 200;

/** Commits that move nothing say nothing about how fast records are handled. */
export function commitsAfter(before: Commits | undefined, commits: readonly GroupCommit[]): Commits {
  const last = { ...before?.last };
  const samples = [...(before?.samples ?? [])];
  for (const { topic, partition, offset, atMs } of commits) {
    const place = `${topic}/${partition}`;
    const earlier = last[place];
    if (earlier !== undefined && offset > earlier.offset)
      samples.push({ everyMs: atMs - earlier.atMs, records: Number(offset - earlier.offset) });
    last[place] = { offset, atMs };
  }
  return { last, samples: samples.slice(-samplesMax) };
}

export function paceOf({ samples }: Commits): CommitPace | undefined {
  if (samples.length === 0) return undefined;
  const every = samples.map(({ everyMs }) => everyMs).sort((a, b) => a - b);
  const records = samples.map((sample) => sample.records).sort((a, b) => a - b);
  const middle = Math.floor((samples.length - 1) / 2);
  return {
    commits: samples.length,
    everyMsP50: every[middle] ?? 0,
    everyMsMax: every.at(-1) ?? 0,
    recordsP50: records[middle] ?? 0,
    recordsMax: records.at(-1) ?? 0,
  };
}

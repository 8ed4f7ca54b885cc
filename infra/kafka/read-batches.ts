import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type FetchedPartition, type FetchFrom, fetchFrom, type Isolation } from './wire/fetch.ts';
import { unknownFor } from './wire/request.ts';

export interface FetchAt extends FetchFrom {
  /** Node id. */
  readonly leader: number;
}

export interface FetchBytes {
  readonly partition: number;
  readonly all: number;
}

/** One request a leader. @param purpose of its connection, see {@link Brokers.link}. @returns by `topic/partition`. */
export async function fetchBatches(
  brokers: Brokers,
  from: readonly FetchAt[],
  bytesMax: FetchBytes,
  isolation: Isolation = 'uncommitted',
  purpose = '',
): Promise<ReadonlyMap<string, Part<FetchedPartition>>> {
  const byLeader = [...Map.groupBy(from, ({ leader }) => leader)];
  const answers = await Promise.all(
    byLeader.map(([leader, wanted]) => askLeader(brokers, leader, wanted, { bytesMax, isolation, purpose })),
  );
  return new Map(answers.flat());
}

async function askLeader(
  brokers: Brokers,
  leader: number,
  wanted: readonly FetchAt[],
  {
    bytesMax,
    isolation,
    purpose,
  }: { readonly bytesMax: FetchBytes; readonly isolation: Isolation; readonly purpose: string },
): Promise<readonly (readonly [string, Part<FetchedPartition>])[]> {
  try {
    const address = brokers.addressOf(leader);
    if (address === undefined) throw new EngineError('kafka', `broker ${leader} is not in the cluster now`);
    const answer = await brokers.link(address, purpose).ask(fetchFrom(wanted, bytesMax, isolation));
    return answer.map((fetched) => {
      const part = fetched.errorCode === 0 ? known(fetched) : unknownFor<FetchedPartition>(fetched.errorCode);
      return [`${fetched.topic}/${fetched.partition}`, part] as const;
    });
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return wanted.map(({ topic, partition }) => [`${topic}/${partition}`, unknownPart(error.message)] as const);
  }
}

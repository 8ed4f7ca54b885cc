import { headerNames, headerText } from '../../contract/headers.ts';
import { EngineError } from '../../errors.ts';
import type { ScannedRecord } from '../../kafka/decode-records.ts';
import type { PlaceContent } from '../../kafka/read-records.ts';
import { known, notMapped, type Part, UnknownValue, unknownPart } from '../../probes/reading.ts';
import type { Target } from '../../target.ts';
import type { AskContext } from '../diagnosis.ts';
import type { AtPlace } from './judge.ts';
import type { Suspect } from './suspects.ts';

/** Partition → next offset to read; undefined for one that the group never committed. */
export type Committed = (partition: number) => Part<bigint | undefined>;

/** Asked before anything else is read: what lies below was handed to the consumer by then. */
export async function readCommitted({ kafka, roles }: Target): Promise<Committed> {
  const group = roles.groups.projector;
  if (group === undefined) return () => unknownPart(`${notMapped}: no group with the role projector`);
  try {
    const commits = (await kafka.committed([group.groupId])).get(group.groupId) ?? unknownPart('not in the answer');
    if (!commits.known) return () => commits;
    const ofTopic = commits.value.get(group.topic);
    return (partition) => ofTopic?.get(partition) ?? known(undefined);
  } catch (error) {
    return unreadable(error);
  }
}

export interface Ends {
  readonly logStart: Part<bigint>;
  readonly highWatermark: Part<bigint>;
  readonly logEnd: Part<bigint>;
}

/** The ends of each partition's log; whoever compares a row with them reads the row first. */
export async function readEnds({ kafka, roles }: Target): Promise<(partition: number) => Part<Ends>> {
  const topic = roles.topics.events;
  if (topic === undefined) return () => unknownPart(`${notMapped}: no topic with the role events`);
  try {
    const topics = await kafka.offsets([topic], ['logStart', 'highWatermark', 'logEnd']);
    const partitions = topics.get(topic) ?? unknownPart('not in the answer');
    if (!partitions.known) return () => partitions;
    return (partition) => {
      const found = partitions.value.find((one) => one.partition === partition);
      return found === undefined ? unknownPart('there is no such partition') : known(found.offsets);
    };
  } catch (error) {
    return unreadable(error);
  }
}

function unreadable(error: unknown): () => Part<never> {
  if (!(error instanceof EngineError || error instanceof UnknownValue)) throw error;
  const { message } = error;
  return () => unknownPart(message);
}

/** Who a record is; null where it does not say. */
export interface Identity {
  readonly dedupKey: string | null;
}

export const identityOf = ({ headers }: Pick<ScannedRecord, 'headers'>): Identity => ({
  dedupKey: headerText(headers, headerNames.dedupKey) ?? null,
});

/** What stands where the suspects should, each place read now. */
export async function readPlaces(
  target: Target,
  suspects: readonly Suspect[],
  { signal }: Pick<AskContext, 'signal'>,
): Promise<ReadonlyMap<string, Part<AtPlace>>> {
  const topic = target.roles.topics.events;
  const placed = suspects.flatMap(({ dedupKey, sent }) => (sent === undefined ? [] : [{ dedupKey, ...sent }]));
  if (placed.length === 0) return new Map();
  const none = (reason: string) => new Map(placed.map(({ dedupKey }) => [dedupKey, unknownPart<AtPlace>(reason)]));
  if (topic === undefined) return none(`${notMapped}: no topic with the role events`);
  try {
    const places = placed.map(({ partition, offset }) => ({ topic, partition, offset }));
    const contents = await target.kafka.recordsAt(places, { keep: identityOf, signal, timeoutMs: placesTimeoutMs });
    // After the records: what is beyond the high watermark must be beyond the log's end as of now, too.
    const ends = await readEnds(target);
    return new Map(
      placed.map(({ dedupKey, partition, offset }, index) => [
        dedupKey,
        atPlace(contents[index] ?? unknownPart('not in the answer'), { dedupKey, offset, ends: ends(partition) }),
      ]),
    );
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof UnknownValue)) throw error;
    return none(error.message);
  }
}

const placesTimeoutMs = 60_000;

function atPlace(
  content: Part<PlaceContent<Identity>>,
  { dedupKey, offset, ends }: { readonly dedupKey: string; readonly offset: bigint; readonly ends: Part<Ends> },
): Part<AtPlace> {
  if (!content.known) return content;
  switch (content.value.status) {
    case 'found': {
      const found = content.value.record.dedupKey;
      // A record that does not say who it is cannot be told from the one that should be there.
      return known({ status: found === null || found === dedupKey ? 'same' : 'another' });
    }
    case 'gap':
    case 'expired':
      return known({ status: content.value.status });
    case 'beyond': {
      if (!ends.known) return ends;
      if (!ends.value.logEnd.known) return ends.value.logEnd;
      return known({ status: offset >= ends.value.logEnd.value ? 'cutOff' : 'unreplicated' });
    }
  }
}

export interface Sought {
  /** Where they stand, by dedup_key. */
  readonly found: ReadonlyMap<string, { readonly partition: number; readonly offset: bigint }>;
  /** Undefined: the topic was looked through, what is not in `found` is not there. */
  readonly incomplete: string | undefined;
  /** False where retention has deleted a part of what should have been looked through. */
  readonly reachesBack: boolean;
}

/** Clocks and a producer that is slow: how far around a row's time its record is looked for. */
const [beforeMs, behindMs] = [60_000, 120_000];
const [searchBytesMax, searchTimeoutMs] = [64 * 1024 * 1024, 30_000];

/** Looks for events by their dedup_key around the time at which they were written. */
export async function seek(
  target: Target,
  suspects: readonly Suspect[],
  { signal }: Pick<AskContext, 'signal'>,
): Promise<Sought> {
  const topic = target.roles.topics.events;
  const found = new Map<string, { readonly partition: number; readonly offset: bigint }>();
  if (topic === undefined)
    return { found, incomplete: `${notMapped}: no topic with the role events`, reachesBack: true };
  const wanted = new Set(suspects.map(({ dedupKey }) => dedupKey));
  const visit = (record: ScannedRecord): boolean => {
    const { dedupKey } = identityOf(record);
    if (dedupKey !== null && wanted.delete(dedupKey)) {
      found.set(dedupKey, { partition: record.partition, offset: record.offset });
    }
    return wanted.size === 0;
  };
  let reachesBack = true;
  try {
    for (const stretch of stretchesOf(suspects)) {
      const limits = { visit, signal, bytesMax: searchBytesMax, timeoutMs: searchTimeoutMs };
      const looked = await target.kafka.lookThrough({ topic, ...stretch }, limits);
      reachesBack &&= looked.reachesBack;
      if (looked.missing !== undefined) return { found, incomplete: looked.missing, reachesBack };
    }
    return { found, incomplete: undefined, reachesBack };
  } catch (error) {
    if (!(error instanceof EngineError || error instanceof UnknownValue)) throw error;
    return { found, incomplete: error.message, reachesBack };
  }
}

/** Times that lie close together are one stretch. */
export function stretchesOf(
  suspects: readonly Pick<Suspect, 'createdAtMs'>[],
): readonly { readonly fromMs: number; readonly toMs: number }[] {
  const stretches: { fromMs: number; toMs: number }[] = [];
  for (const { createdAtMs } of suspects.toSorted((left, right) => left.createdAtMs - right.createdAtMs)) {
    const last = stretches.at(-1);
    if (last !== undefined && createdAtMs - beforeMs <= last.toMs) last.toMs = createdAtMs + behindMs;
    else stretches.push({ fromMs: createdAtMs - beforeMs, toMs: createdAtMs + behindMs });
  }
  return stretches;
}

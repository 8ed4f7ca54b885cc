import { type Clock, systemClock } from '../clock.ts';
import { EngineError, InterruptedError } from '../errors.ts';
import { unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type DecodedRecords, decodeRecords, type ScannedRecord, unreadableText } from './decode-records.ts';
import { readOffsets } from './read-offsets.ts';
import { fetchFrom } from './wire/fetch.ts';
import type { BrokerLink } from './wire/link.ts';
import { offsetsAtTime } from './wire/list-offsets.ts';

/** A stretch of a topic by the timestamps of its records. */
export interface Stretch {
  readonly topic: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface LookOptions {
  /** Called for each record, in the order of its partition. Returns true when no more need be looked at. */
  readonly visit: (record: ScannedRecord) => boolean;
  /** Of all partitions together. */
  readonly bytesMax: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface Looked {
  readonly records: number;
  /** Why not all of the stretch was looked at; undefined: all was, or `visit` had enough. */
  readonly missing: string | undefined;
  /** False where retention has already deleted a part of the stretch. */
  readonly reachesBack: boolean;
}

const partitionBytes = 512 * 1024;

/**
 * Goes through a stretch of a topic, one partition after the other, joining no group. A broker stamps or takes over the
 * producer's time, so a stretch should reach a little further than what is looked for.
 * @throws EngineError when a broker does not answer; InterruptedError.
 */
export async function lookThrough(brokers: Brokers, stretch: Stretch, options: LookOptions): Promise<Looked> {
  const { topic } = stretch;
  const { clock = systemClock } = options;
  const all = await readOffsets(brokers, [topic], ['logStart', 'highWatermark']);
  const ranges = all.get(topic) ?? unknownPart('not in the answer');
  if (!ranges.known) return { records: 0, missing: ranges.reason, reachesBack: true };
  const cluster = await brokers.metadata([topic]);
  const look: Look = {
    stretch,
    options,
    deadlineMs: clock.monotonic() + options.timeoutMs,
    records: 0,
    bytes: 0,
    reachesBack: true,
    enough: false,
    missing: undefined,
  };
  for (const { partition, leader, offsets } of ranges.value) {
    const broker = cluster.brokers.find(({ nodeId }) => nodeId === leader);
    const { logStart, highWatermark } = offsets;
    const link = broker && brokers.link(`${broker.host}:${broker.port}`, 'fetch');
    if (link === undefined || !logStart.known || !highWatermark.known) {
      look.missing ??= `partition ${partition} cannot be read`;
      continue;
    }
    const range = { partition, start: logStart.value, end: highWatermark.value };
    const stopped = await lookThroughPartition(link, range, look);
    if (look.enough) return { records: look.records, missing: undefined, reachesBack: look.reachesBack };
    look.missing ??= stopped;
    if (stopped !== undefined) break;
  }
  return { records: look.records, missing: look.missing, reachesBack: look.reachesBack };
}

interface Look {
  readonly stretch: Stretch;
  readonly options: LookOptions;
  readonly deadlineMs: number;
  records: number;
  bytes: number;
  reachesBack: boolean;
  enough: boolean;
  /** The first thing that could not be read; what else there is was looked at nonetheless. */
  missing: string | undefined;
}

interface Range {
  readonly partition: number;
  readonly start: bigint;
  readonly end: bigint;
}

/** @returns why nothing more may be looked at. */
async function lookThroughPartition(
  link: BrokerLink,
  { partition, start, end }: Range,
  look: Look,
): Promise<string | undefined> {
  const { topic, fromMs, toMs } = look.stretch;
  let next = await firstOffset(link, topic, partition, fromMs);
  if (start > 0n && (next === undefined ? start === end : next <= start)) look.reachesBack = false;
  while (next !== undefined && next < end) {
    const stop = stopOf(look);
    if (stop !== undefined) return stop;
    const from: bigint = next;
    const fetched = await fetchOne(link, topic, partition, from);
    look.bytes += fetched.bytes;
    const hidden = fetched.unreadable.find(({ last }) => last >= from);
    if (hidden !== undefined) look.missing ??= `partition ${partition}, ${unreadableText(hidden)}`;
    const fresh = fetched.records.filter(({ offset }) => offset >= from);
    look.records += fresh.length;
    look.enough = fresh.some(look.options.visit);
    // At the end of a compacted log nothing is left; times of one partition may go back a little, hence the stretch.
    const isBehind = fresh.length > 0 && fresh.every(({ timestampMs }) => timestampMs > toMs);
    if (look.enough || fetched.next <= from || isBehind) return undefined;
    next = fetched.next;
  }
  return undefined;
}

function stopOf({ bytes, deadlineMs, options }: Look): string | undefined {
  const { clock = systemClock, signal, bytesMax, timeoutMs } = options;
  if (signal?.aborted) throw new InterruptedError();
  if (bytes >= bytesMax) return `more than ${bytesMax} bytes`;
  return clock.monotonic() >= deadlineMs ? `more than ${timeoutMs} ms` : undefined;
}

async function firstOffset(
  link: BrokerLink,
  topic: string,
  partition: number,
  fromMs: number,
): Promise<bigint | undefined> {
  const [found] = await link.ask(offsetsAtTime([{ topic, partitions: [partition] }], fromMs));
  if (found === undefined || found.errorCode !== 0) throw unreadable(topic, partition, found?.errorCode);
  return found.offset < 0n ? undefined : found.offset;
}

async function fetchOne(
  link: BrokerLink,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<DecodedRecords & { readonly bytes: number }> {
  const [answer] = await link.ask(
    fetchFrom([{ topic, partition, offset }], { partition: partitionBytes, all: partitionBytes }),
  );
  if (answer === undefined || answer.errorCode !== 0) throw unreadable(topic, partition, answer?.errorCode);
  const bytes = answer.records.length;
  const none = (reason: string) => ({
    records: [],
    unreadable: [{ first: offset, last: offset, reason }],
    next: offset,
  });
  try {
    const decoded = decodeRecords(partition, answer.records);
    const isNothing = bytes > 0 && decoded.next <= offset;
    return { ...(isNothing ? none('the broker sent no whole record batch') : decoded), bytes };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ...none(error.message), bytes };
  }
}

function unreadable(topic: string, partition: number, errorCode: number | undefined): EngineError {
  return new EngineError('kafka', `${topic}, partition ${partition}, cannot be read (Kafka's error ${errorCode})`);
}

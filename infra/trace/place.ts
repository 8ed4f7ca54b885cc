import { headerNames, headerText, type WireHeaders } from '../contract/headers.ts';
import { bytesOf } from '../dead-letters/record.ts';
import { EngineError, messageOf } from '../errors.ts';
import type { PlaceSeen, RecordTransaction } from '../kafka/read-place.ts';
import type { RecordPlace } from '../kafka/read-records.ts';
import { known, type Part, UnknownValue, unknownPart } from '../probes/reading.ts';
import type { Target } from '../target.ts';
import { printable, shortened } from '../text.ts';

/** One place of a topic, and what stands there. Offsets and ids are texts; what engines hand us is cut and printable. */
export interface TracedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly seen: Part<PlaceFacts>;
}

export type PlaceFacts =
  | RecordFacts
  | {
      readonly is: 'marker';
      readonly marker: 'commit' | 'abort' | 'other';
      readonly producerId: string;
      readonly timestampMs: number;
    }
  | { readonly is: 'removed' }
  | { readonly is: 'deleted'; readonly logStart: string }
  | { readonly is: 'beyond'; readonly highWatermark: string; readonly logEnd: Part<string> };

export interface RecordFacts {
  readonly is: 'record';
  /** By its producer's clock, or the broker's where the topic says LogAppendTime. */
  readonly timestampMs: number;
  /** Bytes that are no text in hexadecimal: `0x…`. */
  readonly key: string | null;
  /** Of its value; null: it has none. */
  readonly bytes: number | null;
  readonly headers: readonly { readonly name: string; readonly value: string | null }[];
  readonly transaction: { readonly producerId: string; readonly outcome: RecordTransaction['outcome'] } | null;
  /** An open transaction, its own or another one, keeps it from those who read committed. */
  readonly isHeld: boolean;
}

export interface PlaceRead {
  readonly place: TracedPlace;
  /** As its header says, whole; undefined where there is no record, or it does not say. */
  readonly dedupKey: string | undefined;
}

/** What stands there now. A Kafka that cannot be asked, and a topic that is not there, make it unknown. */
export async function readPlaceOf({ kafka }: Pick<Target, 'kafka'>, at: RecordPlace): Promise<PlaceRead> {
  const seen = await seenAt(kafka, at);
  const { topic, partition, offset } = at;
  const headers = seen.known && seen.value.is === 'record' ? seen.value.record.headers : undefined;
  return {
    place: {
      ...{ topic, partition, offset: String(offset) },
      seen: seen.known ? known(factsOf(seen.value)) : unknownPart(printable(seen.reason)),
    },
    dedupKey: headerText(headers, headerNames.dedupKey),
  };
}

async function seenAt(kafka: Target['kafka'], at: RecordPlace): Promise<Part<PlaceSeen>> {
  try {
    return await kafka.placeAt(at);
  } catch (error) {
    if (error instanceof EngineError || error instanceof UnknownValue) return unknownPart(messageOf(error));
    throw error;
  }
}

function factsOf(seen: PlaceSeen): PlaceFacts {
  switch (seen.is) {
    case 'record': {
      const { record, transaction, isHeld } = seen;
      return {
        is: 'record',
        timestampMs: record.timestampMs,
        key: record.key === null ? null : shownBytes(record.key),
        bytes: record.value === null ? null : record.value.length,
        headers: shownHeaders(record.headers),
        transaction:
          transaction === undefined
            ? null
            : { producerId: String(transaction.producerId), outcome: transaction.outcome },
        isHeld,
      };
    }
    case 'marker':
      return { ...seen, producerId: String(seen.producerId) };
    case 'removed':
      return seen;
    case 'deleted':
      return { ...seen, logStart: String(seen.logStart) };
    case 'beyond': {
      const { highWatermark, logEnd } = seen;
      return {
        is: 'beyond',
        highWatermark: String(highWatermark),
        logEnd: logEnd.known ? known(String(logEnd.value)) : logEnd,
      };
    }
  }
}

const [textMax, headersMax] = [200, 30];

function shownHeaders(headers: WireHeaders): RecordFacts['headers'] {
  return Object.entries(headers)
    .flatMap(([name, value]) => (Array.isArray(value) ? value : [value]).map((one) => ({ name, one })))
    .slice(0, headersMax)
    .map(({ name, one }) => ({
      name: shortened(name, textMax),
      value: one == null ? null : shownBytes(Buffer.from(one)),
    }));
}

function shownBytes(bytes: Buffer): string {
  const shown = bytesOf(bytes);
  return 'text' in shown ? shortened(shown.text, textMax) : shortened(`0x${shown.hex}`, textMax);
}

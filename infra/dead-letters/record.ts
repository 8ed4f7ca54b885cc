import { headerNames, headerText, type WireHeaders } from '../contract/headers.ts';
import { EngineError } from '../errors.ts';
import type { ScannedRecord } from '../kafka/decode-records.ts';
import { fetchRecord } from '../kafka/fetch-record.ts';
import type { KafkaReader } from '../kafka/reader.ts';
import { DecodeError, decodeAny } from '../registry/codec.ts';
import { printable } from '../text.ts';
import type { IndexedLetter } from './index-rows.ts';

/** The record behind an indexed letter, as far as it can still be had. */
export type LetterRecord =
  | {
      readonly status: 'found';
      readonly timestampMs: number;
      readonly key: Bytes | null;
      readonly headers: readonly Header[];
      readonly value: LetterValue;
    }
  /** Retention has deleted it, the log was cut off, or the topic is another one now. */
  | { readonly status: 'gone'; readonly reason: 'expired' | 'beyond' | 'gap' | 'another' }
  | { readonly status: 'unknown'; readonly reason: string };

export interface Header {
  readonly name: string;
  readonly value: Bytes | null;
}

/** As text where it is UTF-8 that can be shown, else in hexadecimal. */
export type Bytes = { readonly text: string } | { readonly hex: string };

export type LetterValue =
  | { readonly status: 'decoded'; readonly bytes: number; readonly schemaId: number; readonly content: unknown }
  | { readonly status: 'raw'; readonly bytes: number; readonly hex: string; readonly reason: string }
  /** A record without a value. */
  | { readonly status: 'none' };

export interface LetterEngines {
  readonly reader: KafkaReader;
  readonly registryUrl: string;
}

/** Of an undecodable value so much is kept; the rest is in the topic. */
const rawBytesMax = 4_096;

/** Fetches one record of the DLQ and decodes it. An engine that cannot be asked makes its own part unknown. */
export async function readLetterRecord(letter: IndexedLetter, engines: LetterEngines): Promise<LetterRecord> {
  const { reader, registryUrl } = engines;
  const { topic, partition, offset } = letter.place;
  try {
    const at = await fetchRecord(reader, { topic, partition, offset: BigInt(offset) });
    if (at.status !== 'found') return { status: 'gone', reason: at.status };
    if (!isOf(letter, at.record)) return { status: 'gone', reason: 'another' };
    const { timestampMs, key, headers, value } = at.record;
    return {
      status: 'found',
      timestampMs,
      key: key === null ? null : bytesOf(key),
      headers: headersOf(headers),
      value: value === null ? { status: 'none' } : await decoded(value, registryUrl),
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return {
      status: 'unknown',
      reason: printable(error.why === undefined ? error.message : `${error.message}: ${error.why}`),
    };
  }
}

/** A topic that was made anew gives its offsets again. Only a letter's single copy is dated by its own record. */
function isOf(letter: IndexedLetter, { value, headers, timestampMs }: ScannedRecord): boolean {
  const dedupKey = headerText(headers, headerNames.dedupKey);
  const sameKey = letter.dedupKey === null || letter.dedupKey === dedupKey;
  const sameTime = letter.copies > 1 || letter.deadAtMs === timestampMs;
  return sameKey && sameTime && letter.valueBytes === (value?.length ?? 0);
}

async function decoded(value: Buffer, registryUrl: string): Promise<LetterValue> {
  try {
    return { status: 'decoded', bytes: value.length, ...(await decodeAny(registryUrl, value)) };
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof EngineError)) throw error;
    const hex = value.subarray(0, rawBytesMax).toString('hex');
    return { status: 'raw', bytes: value.length, hex, reason: printable(error.message) };
  }
}

function headersOf(headers: WireHeaders): readonly Header[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = Array.isArray(value) ? value : [value];
    return values.map((one) => ({
      name: printable(name),
      value: one == null ? null : bytesOf(Buffer.from(one)),
    }));
  });
}

/** Control characters make a text that cannot be shown as it is. */
export function bytesOf(bytes: Buffer): Bytes {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return printable(text) === text.normalize('NFC') ? { text } : { hex: bytes.toString('hex') };
  } catch {
    return { hex: bytes.toString('hex') };
  }
}

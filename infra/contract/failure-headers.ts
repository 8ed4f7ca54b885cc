import { headerText, type WireHeaders } from './headers.ts';

/**
 * What a failing record carries: one set, overwritten at each hop, never piled up. The origin is the offset on the main
 * topic at which it failed last.
 */
export const failureHeaderNames = {
  /** Which delivery of the event this is: on a rung and in the DLQ the one that failed; on the main topic the present one. */
  attempt: 'x-attempt',
  originTopic: 'x-origin-topic',
  originPartition: 'x-origin-partition',
  originOffset: 'x-origin-offset',
  /** The consumer that could not handle it. */
  consumer: 'x-origin-consumer',
  class: 'x-origin-class',
  exception: 'x-origin-exception',
  message: 'x-origin-message',
  /** Milliseconds since the epoch, by the consumer's clock. */
  failedAtMs: 'x-origin-failed-at-ms',
  /** When the next attempt is due; absent on a dead letter. */
  dueAtMs: 'x-origin-due-at-ms',
} as const;

/** On a record that a replay sent: when it fails again, it goes straight to the DLQ. */
export const replayIdHeader = 'x-replay-id';

export interface FailureHeaders {
  readonly attempt: number;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: string };
  readonly consumer: string;
  readonly class: string;
  readonly exception: string;
  readonly message: string;
  readonly failedAtMs: number;
  readonly dueAtMs: number | undefined;
}

/** Headers as they can be sent: kafkajs reads a header without a value as null, and cannot write one. */
export type SentHeaders = Record<string, Buffer | string | (Buffer | string)[]>;

export function sendable(headers: WireHeaders | undefined): SentHeaders {
  const entries = Object.entries(headers ?? {});
  return Object.fromEntries(entries.flatMap(([name, value]) => (value == null ? [] : [[name, value] as const])));
}

/** The record's own headers with this one set of failure headers in them, whatever it carried before. */
export function withFailureHeaders(headers: WireHeaders | undefined, failure: FailureHeaders): SentHeaders {
  const names = failureHeaderNames;
  const written: Readonly<Record<string, string | undefined>> = {
    [names.attempt]: String(failure.attempt),
    [names.originTopic]: failure.origin.topic,
    [names.originPartition]: String(failure.origin.partition),
    [names.originOffset]: failure.origin.offset,
    [names.consumer]: failure.consumer,
    [names.class]: failure.class,
    [names.exception]: failure.exception,
    [names.message]: failure.message,
    [names.failedAtMs]: String(failure.failedAtMs),
    [names.dueAtMs]: failure.dueAtMs === undefined ? undefined : String(failure.dueAtMs),
  };
  const kept = Object.entries(sendable(headers)).filter(([name]) => !Object.hasOwn(written, name));
  const set = Object.entries(written).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries([...kept, ...set.map(([name, value]) => [name, Buffer.from(value)] as const)]);
}

/** @returns undefined where the record carries no origin: nobody of ours wrote it there. */
export function readFailureHeaders(headers: WireHeaders | undefined): FailureHeaders | undefined {
  const names = failureHeaderNames;
  const text = (name: string): string | undefined => headerText(headers, name);
  const origin = originOf(text(names.originTopic), text(names.originPartition), text(names.originOffset));
  if (origin === undefined) return undefined;
  return {
    attempt: attemptOf(headers),
    origin,
    consumer: text(names.consumer) ?? 'unknown',
    class: text(names.class) ?? 'unknown',
    exception: text(names.exception) ?? 'unknown',
    message: text(names.message) ?? '',
    failedAtMs: wholeNumber(text(names.failedAtMs), lastInstantMs) ?? 0,
    dueAtMs: wholeNumber(text(names.dueAtMs), lastInstantMs),
  };
}

/** Kafka's INT32 and INT64, and the last instant that MySQL's DATETIME knows. Headers come from outside. */
const int32Max = 2_147_483_647;
const int64Max = 9_223_372_036_854_775_807n;
export const lastInstantMs = Date.UTC(9999, 11, 31);

/** @returns undefined for what can be no place in Kafka: topic names are at most 249 of these characters. */
function originOf(
  topic: string | undefined,
  partitionText: string | undefined,
  offset: string | undefined,
): FailureHeaders['origin'] | undefined {
  const partition = wholeNumber(partitionText, int32Max);
  if (topic === undefined || !/^[\w.-]{1,249}$/.test(topic) || partition === undefined) return undefined;
  if (offset === undefined || !/^\d{1,19}$/.test(offset) || BigInt(offset) > int64Max) return undefined;
  return { topic, partition, offset };
}

/** Which delivery of the event the record is; 1 where nothing says otherwise. */
export function attemptOf(headers: WireHeaders | undefined): number {
  return wholeNumber(headerText(headers, failureHeaderNames.attempt), int32Max) || 1;
}

/** @returns undefined for anything but digits, and beyond the maximum. */
function wholeNumber(text: string | undefined, max: number): number | undefined {
  const value = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value <= max ? value : undefined;
}

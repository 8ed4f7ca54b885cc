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

/** The record's own headers with this one set of failure headers in them, whatever it carried before. */
export function withFailureHeaders(headers: WireHeaders | undefined, failure: FailureHeaders): Record<string, Buffer> {
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
  const kept = Object.entries(headers ?? {}).filter(([name]) => !(name in written));
  const set = Object.entries(written).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries([
    ...kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, lastOf(value)] as const])),
    ...set.map(([name, value]) => [name, Buffer.from(value)] as const),
  ]);
}

/** @returns undefined where the record carries no origin: nobody of ours wrote it there. */
export function readFailureHeaders(headers: WireHeaders | undefined): FailureHeaders | undefined {
  const names = failureHeaderNames;
  const text = (name: string): string | undefined => headerText(headers, name);
  const topic = text(names.originTopic);
  const partition = wholeNumber(text(names.originPartition));
  const offset = text(names.originOffset);
  if (topic === undefined || partition === undefined || offset === undefined || !/^\d{1,19}$/.test(offset)) {
    return undefined;
  }
  return {
    attempt: attemptOf(headers),
    origin: { topic, partition, offset },
    consumer: text(names.consumer) ?? 'unknown',
    class: text(names.class) ?? 'unknown',
    exception: text(names.exception) ?? 'unknown',
    message: text(names.message) ?? '',
    failedAtMs: wholeNumber(text(names.failedAtMs)) ?? 0,
    dueAtMs: wholeNumber(text(names.dueAtMs)),
  };
}

/** Which delivery of the event the record is; 1 where nothing says otherwise. */
export function attemptOf(headers: WireHeaders | undefined): number {
  return wholeNumber(headerText(headers, failureHeaderNames.attempt)) ?? 1;
}

/** @returns undefined for anything but digits: headers come from outside. */
function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function lastOf(value: Buffer | string | (Buffer | string)[]): Buffer {
  const last = Array.isArray(value) ? (value.at(-1) ?? '') : value;
  return Buffer.from(last as string);
}

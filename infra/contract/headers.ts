import type { BalanceChanged } from './envelope.ts';

/** Record headers repeat these, so that a record which cannot be decoded can still be filtered and traced. */
export const headerNames = {
  eventType: 'event_type',
  eventId: 'event_id',
  dedupKey: 'dedup_key',
  schemaVersion: 'schema_version',
} as const;

export function headersOf(event: BalanceChanged): Record<string, string> {
  return {
    [headerNames.eventType]: event.eventType,
    [headerNames.eventId]: event.eventId,
    [headerNames.dedupKey]: event.dedupKey,
    [headerNames.schemaVersion]: String(event.schemaVersion),
  };
}

/**
 * What a failing record carries: one set, overwritten at each hop, never piled up. The origin is the last offset on the
 * main topic at which it failed.
 */
export const failureHeaderNames = {
  /** Which delivery of the event this record is; absent on the first. On a rung: the delivery that failed. */
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

export type WireHeaders = Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;

/** @returns the header's text, the last one where it was set several times; undefined when it is absent. */
export function headerText(headers: WireHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined ? undefined : last.toString();
}

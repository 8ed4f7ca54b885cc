import type { BalanceChanged } from './envelope.ts';

/** Record headers repeat these, so that a record which cannot be decoded can still be filtered and traced. */
export const headerNames = {
  eventType: 'event_type',
  eventId: 'event_id',
  dedupKey: 'dedup_key',
  schemaVersion: 'schema_version',
} as const;

export function headersOf(
  event: Pick<BalanceChanged, 'eventType' | 'eventId' | 'dedupKey' | 'schemaVersion'>,
): Record<string, string> {
  return {
    [headerNames.eventType]: event.eventType,
    [headerNames.eventId]: event.eventId,
    [headerNames.dedupKey]: event.dedupKey,
    [headerNames.schemaVersion]: String(event.schemaVersion),
  };
}

/** As kafkajs gives them: several values under one name come as a list, and one without a value as null. */
export type WireHeaders = Readonly<Record<string, Buffer | string | (Buffer | string)[] | null | undefined>>;

/** @returns the header's text, the last one where it was set several times; undefined when it is absent. */
export function headerText(headers: WireHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last == null ? undefined : last.toString();
}

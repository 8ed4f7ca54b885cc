import type { KafkaMessage } from 'kafkajs';
import { lastInstantMs, readFailureHeaders } from '../../infra/contract/failure-headers.ts';
import { headerNames, headerText } from '../../infra/contract/headers.ts';
import { classify, type FailureClass, type FailureRule, fingerprintOf } from '../domain/failure-rules.ts';

/** A dead letter as it is indexed. Texts are cut to their columns; offsets are decimal texts. */
export interface DeadLetter {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly origin: { readonly topic: string; readonly partition: number; readonly offset: string };
  readonly dedupKey: string | null;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly recordKey: string | null;
  readonly consumer: string | null;
  readonly attempt: number;
  readonly class: FailureClass;
  readonly rule: string;
  readonly exception: string;
  readonly message: string;
  readonly fingerprint: string;
  readonly valueBytes: number;
  readonly failedAtMs: number | null;
  readonly deadAtMs: number;
}

/**
 * Reads a record of the DLQ by its headers alone: its bytes may be why it is there. Pure. A record without an origin
 * (somebody else put it there) is its own origin.
 */
export function deadLetterOf(
  { topic, partition, message }: { topic: string; partition: number; message: KafkaMessage },
  rules: readonly FailureRule[],
): DeadLetter {
  const { headers, offset, key, value, timestamp } = message;
  const failure = readFailureHeaders(headers);
  const eventType = fitting(headerText(headers, headerNames.eventType), 64);
  const exception = (failure?.exception ?? 'unknown').slice(0, 120);
  const said = (failure?.message ?? '').slice(0, 500);
  const classified = classify({ exception, message: said, eventType: eventType ?? undefined }, rules);
  return {
    topic,
    partition,
    offset,
    origin: failure?.origin ?? { topic, partition, offset },
    dedupKey: ascii(headerText(headers, headerNames.dedupKey), 96),
    eventId: ascii(headerText(headers, headerNames.eventId), 64),
    eventType,
    recordKey: fitting(key?.toString(), 96),
    consumer: fitting(failure?.consumer, 64),
    attempt: failure?.attempt ?? 1,
    class: classified.class,
    rule: classified.rule,
    exception,
    message: said,
    fingerprint: fingerprintOf({ class: classified.class, exception, eventType: eventType ?? undefined }),
    valueBytes: value?.length ?? 0,
    failedAtMs: failure === undefined || failure.failedAtMs === 0 ? null : failure.failedAtMs,
    deadAtMs: instant(timestamp),
  };
}

/** The record's time, or the epoch where it carries none that a DATETIME can hold. */
function instant(timestamp: string): number {
  const ms = Number(timestamp);
  return ms >= 0 && ms <= lastInstantMs ? ms : 0;
}

function fitting(text: string | undefined, max: number): string | null {
  return text === undefined ? null : text.slice(0, max);
}

/** Columns of ASCII hold ids of ours; anything else is none. */
function ascii(text: string | undefined, max: number): string | null {
  return text !== undefined && text.length <= max && /^[\x20-\x7e]+$/.test(text) ? text : null;
}

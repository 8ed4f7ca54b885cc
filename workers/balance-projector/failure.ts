import type { KafkaMessage } from 'kafkajs';
import {
  attemptOf,
  type FailureHeaders,
  replayIdHeader,
  type SentHeaders,
  withFailureHeaders,
} from '../../infra/contract/failure-headers.ts';
import { headerNames, headerText } from '../../infra/contract/headers.ts';
import type { TopicRole } from '../../infra/contract/scope.ts';
import { classify, type FailureClass, type FailureRule } from '../domain/failure-rules.ts';
import { deadLetterRung, type Ladder, rungAfter } from '../domain/retry-ladder.ts';

/** Where a record stands on the main topic. */
export interface Origin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

/** A delivery that failed, and where it goes from here. */
export interface FailedDelivery {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly dedupKey: string | undefined;
  readonly attempt: number;
  readonly class: FailureClass;
  readonly exception: string;
  readonly message: string;
  /** `retry.5s`, `retry.1m` or `dlq`. */
  readonly rung: string;
  readonly destination: Exclude<TopicRole, 'events'>;
  /** Milliseconds since the epoch; undefined for a dead letter. */
  readonly dueAtMs: number | undefined;
  readonly failedAtMs: number;
  /** Sent by a replay: whatever happened to the event before, this is a new try of it. */
  readonly isReplayed: boolean;
  /** The record as it goes on: key, bytes and headers kept, with one set of failure headers. */
  readonly record: Pick<KafkaMessage, 'key' | 'value'> & { readonly headers: SentHeaders };
}

export interface FailurePlan {
  readonly consumer: string;
  readonly ladder: Ladder;
  readonly rules: readonly FailureRule[];
  readonly nowMs: number;
}

const exceptionMax = 120;
const messageMax = 500;
const dedupKeyMax = 96;

/** Decides what becomes of a record that could not be handled. Pure. */
export function failedDelivery(
  { topic, partition, message }: { topic: string; partition: number; message: KafkaMessage },
  error: unknown,
  { consumer, ladder, rules, nowMs }: FailurePlan,
): FailedDelivery {
  const { headers, offset, key, value } = message;
  const attempt = attemptOf(headers);
  const exception = nameOf(error).slice(0, exceptionMax);
  const said = messageOfError(error).slice(0, messageMax);
  const { class: name, retry } = classify(
    { exception, message: said, eventType: headerText(headers, headerNames.eventType) },
    rules,
  );
  const isReplayed = headerText(headers, replayIdHeader) !== undefined;
  const rung = rungAfter(ladder, attempt, retry && !isReplayed);
  const dueAtMs = rung === undefined ? undefined : nowMs + rung.delayMs;
  const failure: FailureHeaders = {
    attempt,
    origin: { topic, partition, offset },
    consumer,
    class: name,
    exception,
    message: said,
    failedAtMs: nowMs,
    dueAtMs,
  };
  return {
    topic,
    partition,
    offset,
    dedupKey: asDedupKey(headerText(headers, headerNames.dedupKey)),
    attempt,
    class: name,
    exception,
    message: said,
    rung: rung?.name ?? deadLetterRung,
    destination: rung?.topic ?? 'dlq',
    dueAtMs,
    failedAtMs: nowMs,
    isReplayed,
    record: { key, value, headers: withFailureHeaders(headers, failure) },
  };
}

/** Headers come from outside: what the column cannot hold is no dedup_key of ours. */
function asDedupKey(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= dedupKeyMax && /^[\x20-\x7e]+$/.test(text) ? text : undefined;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function messageOfError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import type { KafkaMessage, Message, Producer } from 'kafkajs';
import {
  attemptOf,
  failureHeaderNames,
  readFailureHeaders,
  sendable,
  withFailureHeaders,
} from '../../infra/contract/failure-headers.ts';
import { messageOf } from '../../infra/errors.ts';
import { isTooLarge } from '../../infra/kafka/record-too-large.ts';
import type { Chunk, ChunkOutcome } from '../host/consumer.ts';
import type { WorkerContext } from '../host/worker.ts';

type Effects = Pick<WorkerContext, 'clock' | 'counters' | 'journal' | 'failpoint' | 'signal'> & {
  readonly producer: Pick<Producer, 'send'>;
  /** The main topic. */
  readonly topic: string;
  /** For what the main topic does not take. */
  readonly deadLetterTopic: string;
};

/**
 * So much is slept in place in one go, so that a record leaves at its due time and not a fetch later; beyond it the
 * partition is given back, and the others go on.
 */
const napMaxMs = 150;
/** Looked at again by then, whatever it says: timers of a month overflow, and clocks are set. */
const waitMaxMs = 60_000;
/** Longer than any rung: what is due later was not put there by a projector of ours, and holds up all behind it. */
const dueAheadMaxMs = 3_600_000;

/**
 * Forwards the records of a rung that are due to the main topic, each with its attempt raised by one; the first that is
 * not due stops the chunk until it is. A rung has one delay, so its records are due in the order in which they stand.
 * @throws when Kafka fails; the chunk comes again, and what was forwarded twice is absorbed by its consumer.
 */
export async function forwardDue({ messages }: Chunk, effects: Effects): Promise<ChunkOutcome> {
  const { clock, signal } = effects;
  let done = 0;
  let nappedMs = 0;
  while (done < messages.length) {
    const waitMs = dueAtOf(messages[done]) - clock.now();
    if (isAhead(waitMs)) {
      if (nappedMs + waitMs > napMaxMs)
        return { done, waitMs: Math.min(Math.max(waitMs - napMaxMs / 3, 1), waitMaxMs) };
      nappedMs += waitMs;
      await clock.sleep(waitMs, signal).catch(() => {});
    }
    if (signal.aborted) return { done };
    const now = clock.now();
    const end = messages.findIndex((message, index) => index > done && isAhead(dueAtOf(message) - now));
    const due = messages.slice(done, end === -1 ? messages.length : end);
    await forward(due, effects);
    done += due.length;
  }
  return { done };
}

const isAhead = (waitMs: number): boolean => waitMs > 0 && waitMs < dueAheadMaxMs;

async function forward(due: readonly KafkaMessage[], effects: Effects): Promise<void> {
  const { clock, counters, journal, failpoint, producer, topic } = effects;
  try {
    await producer.send({ topic, acks: -1, timeout: 5_000, messages: due.map(raised) });
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    return forwardOneByOne(due, error, effects);
  }
  const at = clock.now();
  for (const message of due) journal.append({ kind: 'forwarded', dueAt: dueAtOf(message), at });
  counters.add('records', due.length);
  counters.add('forwarded', due.length);
  failpoint('forwarder.after-send');
}

/** Its headers made a record larger than the main topic takes: no attempt can be made, so it is dead; the rest goes on. */
async function forwardOneByOne(due: readonly KafkaMessage[], error: unknown, effects: Effects): Promise<void> {
  const [only] = due;
  if (due.length > 1 || only === undefined) {
    for (const message of due) await forward([message], effects);
    return;
  }
  const { key, value, headers } = only;
  const failure = readFailureHeaders(headers);
  const dead =
    failure === undefined
      ? sendable(headers)
      : withFailureHeaders(headers, {
          ...failure,
          exception: 'RecordTooLargeError',
          message: messageOf(error),
          dueAtMs: undefined,
        });
  const { producer, counters, deadLetterTopic } = effects;
  await producer.send({ topic: deadLetterTopic, acks: -1, timeout: 5_000, messages: [{ key, value, headers: dead }] });
  counters.add('records');
  counters.add('deadLetters');
}

/** Key, bytes and headers as they are; the due time has been kept and is gone. */
function raised({ key, value, headers }: KafkaMessage): Message {
  const { [failureHeaderNames.dueAtMs]: _kept, ...others } = sendable(headers);
  return { key, value, headers: { ...others, [failureHeaderNames.attempt]: String(attemptOf(headers) + 1) } };
}

/** Now, for a record that somebody else put there without a due time. */
function dueAtOf(message: KafkaMessage | undefined): number {
  return readFailureHeaders(message?.headers)?.dueAtMs ?? 0;
}

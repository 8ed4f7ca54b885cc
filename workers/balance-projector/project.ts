import type { KafkaMessage } from 'kafkajs';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { attemptOf, readFailureHeaders } from '../../infra/contract/failure-headers.ts';
import { messageOf } from '../../infra/errors.ts';
import { isDataError } from '../../infra/mysql/data-errors.ts';
import type { BalanceCodec } from '../../infra/registry/codec.ts';
import type { Chunk, ChunkOutcome } from '../host/consumer.ts';
import { decodeEach } from '../host/decode-each.ts';
import type { WorkerContext } from '../host/worker.ts';
import type { Applied, Batch } from './apply.ts';
import { type FailedDelivery, type FailurePlan, failedDelivery, type Origin } from './failure.ts';
import { checkEvent, ValidationError } from './handle.ts';

interface Readable {
  readonly event: BalanceChanged;
  readonly message: KafkaMessage;
}

type Effects = Pick<WorkerContext, 'clock' | 'counters' | 'journal' | 'failpoint' | 'switches'> & {
  readonly codec: Pick<BalanceCodec, 'decode'>;
  readonly apply: (batch: Batch<Readable>) => Promise<Applied>;
  readonly publish: (failures: readonly FailedDelivery[]) => Promise<void>;
};

export interface Projection extends Omit<FailurePlan, 'nowMs'> {
  readonly trace: boolean;
}

/**
 * Applies a chunk in one transaction, record by record: what cannot be handled is written down in the same transaction
 * and then published to its next rung or to the DLQ, and holds nobody up.
 * @throws when MySQL, Kafka or the registry fails; the chunk comes again, and what was applied is absorbed then.
 */
export async function projectChunk(chunk: Chunk, projection: Projection, effects: Effects): Promise<ChunkOutcome> {
  const { clock, counters, journal, failpoint, codec, switches, apply, publish } = effects;
  const { topic, partition, messages } = chunk;
  const plan = { ...projection, nowMs: clock.now() };
  const failed = (message: KafkaMessage, error: unknown) => failedDelivery({ topic, partition, message }, error, plan);
  const deliveries: Readable[] = [];
  const undecodable: FailedDelivery[] = [];
  for (const decoded of await decodeEach(messages, codec)) {
    if ('event' in decoded) deliveries.push(decoded);
    else undecodable.push(failed(decoded.message, decoded.error));
  }
  const outcome = await applyIsolating(apply, failed, {
    consumer: projection.consumer,
    topic,
    partition,
    span: [messages[0]?.offset ?? '0', messages.at(-1)?.offset ?? '0'],
    deliveries,
    undecodable,
    earlier: messages.flatMap(originOf),
    judge({ event, message }, accountExists) {
      try {
        checkEvent(event, { switches, accountExists });
        return undefined;
      } catch (error) {
        return failed(message, error);
      }
    },
  });
  if (projection.trace) {
    for (const { dedupKey } of outcome.applied) journal.append({ kind: 'applied', dedupKey, at: clock.now() });
  }
  failpoint('projector.after-commit');
  await publish(outcome.failed);
  if (outcome.failed.length > 0) failpoint('projector.after-failures');
  count(counters, messages.length, outcome);
  return { done: messages.length };
}

/**
 * A value that no column can hold fails the whole transaction: then the batch goes in halves, down to the one record, and
 * that one is a failed delivery like any other.
 */
async function applyIsolating(
  apply: Effects['apply'],
  failed: (message: KafkaMessage, error: unknown) => FailedDelivery,
  batch: Batch<Readable>,
): Promise<Applied> {
  const { deliveries, undecodable } = batch;
  try {
    return await apply(batch);
  } catch (error) {
    const [only] = deliveries;
    if (!isDataError(error) || only === undefined) throw error;
    if (deliveries.length === 1) {
      const failure = failed(only.message, new ValidationError(messageOf(error)));
      return apply({ ...batch, deliveries: [], undecodable: [...undecodable, failure] });
    }
    const middle = Math.ceil(deliveries.length / 2);
    const first = await applyIsolating(apply, failed, { ...batch, deliveries: deliveries.slice(0, middle) });
    const rest = { ...batch, deliveries: deliveries.slice(middle), undecodable: [], span: noSpan, earlier: [] };
    return together(first, await applyIsolating(apply, failed, rest));
  }
}

/** The first half has settled what there was. */
const noSpan = ['1', '0'] as const;

function together(first: Applied, second: Applied): Applied {
  return {
    applied: [...first.applied, ...second.applied],
    redelivered: first.redelivered + second.redelivered,
    folded: first.folded + second.folded,
    failed: [...first.failed, ...second.failed],
    duplicateFailures: first.duplicateFailures + second.duplicateFailures,
  };
}

/** Where a record that was forwarded from a rung had failed. */
function originOf({ headers }: KafkaMessage): readonly Origin[] {
  const failure = attemptOf(headers) > 1 ? readFailureHeaders(headers) : undefined;
  return failure === undefined ? [] : [failure.origin];
}

function count(counters: WorkerContext['counters'], records: number, outcome: Applied): void {
  counters.add('records', records);
  counters.add('batches');
  counters.add('applied', outcome.applied.length);
  counters.add('redelivered', outcome.redelivered);
  counters.add('folded', outcome.folded);
  if (outcome.duplicateFailures > 0) counters.add('duplicateFailures', outcome.duplicateFailures);
  for (const { destination } of outcome.failed) counters.add(destination === 'dlq' ? 'deadLetters' : 'retried');
}

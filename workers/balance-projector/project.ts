import type { KafkaMessage } from 'kafkajs';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { attemptOf, readFailureHeaders } from '../../infra/contract/failure-headers.ts';
import type { BalanceCodec } from '../../infra/registry/codec.ts';
import type { Chunk, ChunkOutcome } from '../host/consumer.ts';
import { decodeEach } from '../host/decode-each.ts';
import type { WorkerContext } from '../host/worker.ts';
import type { Applied, Batch, Origin } from './apply.ts';
import { type FailedDelivery, type FailurePlan, failedDelivery } from './failure.ts';
import { checkEvent } from './handle.ts';

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
  const outcome = await apply({
    consumer: projection.consumer,
    topic,
    partition,
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
  count(counters, messages.length, outcome);
  if (projection.trace) {
    for (const { dedupKey } of outcome.applied) journal.append({ kind: 'applied', dedupKey, at: clock.now() });
  }
  failpoint('projector.after-commit');
  await publish(outcome.failed);
  if (outcome.failed.length > 0) failpoint('projector.after-failures');
  return { done: messages.length };
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
  for (const { destination } of outcome.failed) counters.add(destination === 'dlq' ? 'deadLetters' : 'retried');
}

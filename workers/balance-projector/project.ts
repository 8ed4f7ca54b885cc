import type { BalanceCodec } from '../../infra/registry/codec.ts';
import type { ChunkOutcome } from '../host/consumer.ts';
import { type Chunk, decodeChunk } from '../host/decode-chunk.ts';
import type { WorkerContext } from '../host/worker.ts';
import type { Applied, Delivery } from './apply.ts';

type Effects = Pick<WorkerContext, 'clock' | 'counters' | 'journal' | 'failpoint'> & {
  readonly codec: Pick<BalanceCodec, 'decode'>;
  readonly apply: (deliveries: readonly Delivery[]) => Promise<Applied>;
};

/**
 * Decodes a chunk and applies it in one transaction.
 * @throws when MySQL or the registry fails; nothing of the chunk has then happened.
 */
export async function projectChunk(
  chunk: Chunk & { readonly trace: boolean },
  { clock, counters, journal, failpoint, codec, apply }: Effects,
): Promise<ChunkOutcome> {
  const { events, stopped } = await decodeChunk(chunk, codec);
  if (events.length > 0) {
    const outcome = await apply(events.map((delivery) => ({ ...delivery, partition: chunk.partition })));
    counters.add('records', events.length);
    counters.add('batches');
    counters.add('applied', outcome.applied.length);
    counters.add('redelivered', outcome.redelivered);
    counters.add('folded', outcome.folded);
    if (chunk.trace) {
      for (const { dedupKey } of outcome.applied) journal.append({ kind: 'applied', dedupKey, at: clock.now() });
    }
    failpoint('projector.after-commit');
  }
  return { done: events.length, ...(stopped === undefined ? {} : { stopped }) };
}

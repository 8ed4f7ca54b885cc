import type { KafkaMessage } from 'kafkajs';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { messageOf } from '../../infra/errors.ts';
import { type BalanceCodec, DecodeError } from '../../infra/registry/codec.ts';
import type { WorkerFinding } from '../protocol/messages.ts';

export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
}

export interface DecodedChunk {
  readonly events: readonly { readonly event: BalanceChanged; readonly offset: string }[];
  /** Set when the record after the decoded ones is no such event. */
  readonly stopped?: WorkerFinding;
}

/**
 * Decodes up to the first record that cannot be decoded. What comes behind it on the partition must wait: applying later
 * events of a key while an earlier one is missing would be a silent loss.
 * @throws EngineError when the registry cannot be asked.
 */
export async function decodeChunk(
  { topic, partition, messages }: Chunk,
  codec: Pick<BalanceCodec, 'decode'>,
): Promise<DecodedChunk> {
  const events: { event: BalanceChanged; offset: string }[] = [];
  for (const { value, offset } of messages) {
    try {
      events.push({ event: await codec.decode(value ?? Buffer.alloc(0)), offset });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const message = `${topic}/${partition} stands still at offset ${offset}: ${messageOf(error)}`;
      return { events, stopped: { key: `partition.${partition}`, message } };
    }
  }
  return { events };
}

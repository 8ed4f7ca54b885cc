import type { KafkaMessage } from 'kafkajs';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { type BalanceCodec, DecodeError } from '../../infra/registry/codec.ts';

/** A record and the event in it, or why there is none. */
export type Decoded =
  | { readonly message: KafkaMessage; readonly event: BalanceChanged }
  | { readonly message: KafkaMessage; readonly error: DecodeError };

/** Record by record: one that is no event takes no other with it. @throws EngineError when the registry cannot be asked. */
export async function decodeEach(
  messages: readonly KafkaMessage[],
  codec: Pick<BalanceCodec, 'decode'>,
): Promise<readonly Decoded[]> {
  const decoded: Decoded[] = [];
  for (const message of messages) {
    try {
      decoded.push({ message, event: await codec.decode(message.value ?? Buffer.alloc(0)) });
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      decoded.push({ message, error });
    }
  }
  return decoded;
}

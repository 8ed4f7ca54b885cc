import { type Message, Partitioners, type Producer, type RecordMetadata } from 'kafkajs';
import { headersOf } from '../../infra/contract/headers.ts';
import { messageOf } from '../../infra/errors.ts';
import { isTooLarge } from '../../infra/kafka/record-too-large.ts';
import type { BalanceCodec } from '../../infra/registry/codec.ts';
import { SerialisationError } from '../../infra/registry/codec.ts';
import type { ClaimedRow } from './claim.ts';
import type { SentRow } from './mark.ts';

/** What became of a claimed batch. A throw means that Kafka failed and no row is to blame. */
export interface Published {
  readonly sent: readonly SentRow[];
  /** Rows whose own fault it is, each with its problem. */
  readonly failed: readonly { readonly row: ClaimedRow; readonly problem: string }[];
}

export interface PublishTarget {
  readonly producer: Pick<Producer, 'send'>;
  readonly codec: BalanceCodec;
  readonly topic: string;
  readonly partitions: number;
  /** False when the shards may be somebody else's by now: then nothing may be sent any more. */
  readonly mayStillSend: () => boolean;
}

/** This process stood still for so long that another relay may have taken its shards over. */
export class LeaseRanOut extends Error {
  override name = 'LeaseRanOut';
}

interface Encoded {
  readonly row: ClaimedRow;
  readonly partition: number;
  readonly message: Message;
}

/**
 * Sends the rows in their order, acks=all. A later row of a key never overtakes a failed one: it is left for the next
 * claim, which holds it back.
 *
 * @throws LeaseRanOut, with nothing of the rest sent; else whatever kafkajs throws.
 */
export async function publish(rows: readonly ClaimedRow[], target: PublishTarget): Promise<Published> {
  const encoded: Encoded[] = [];
  const failed: { row: ClaimedRow; problem: string }[] = [];
  const blockedAccounts = new Set<string>();
  for (const row of rows) {
    if (blockedAccounts.has(row.accountId)) continue;
    const outcome = await encodedOrProblem(row, target);
    if (typeof outcome !== 'string') encoded.push(outcome);
    else {
      failed.push({ row, problem: outcome });
      blockedAccounts.add(row.accountId);
    }
  }
  const all: Sent[] = [];
  for (const batch of requestsOf(encoded)) {
    const blocked = new Set(all.flatMap(({ tooLarge }) => tooLarge.map(({ row }) => row.accountId)));
    all.push(
      await sendAll(
        batch.filter(({ row }) => !blocked.has(row.accountId)),
        target,
      ),
    );
  }
  return { sent: all.flatMap(({ sent }) => sent), failed: [...failed, ...all.flatMap(({ tooLarge }) => tooLarge)] };
}

/** Far below socket.request.max.bytes (100 MiB), where a broker drops the connection without a word. */
const requestBytesMax = 8 * 1024 * 1024;

function requestsOf(encoded: readonly Encoded[]): readonly (readonly Encoded[])[] {
  const requests: Encoded[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of encoded) {
    const size = Buffer.byteLength(one.message.value ?? '');
    if (bytes + size > requestBytesMax) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)?.push(one);
    bytes += size;
  }
  return requests;
}

const partitioner = Partitioners.DefaultPartitioner();

async function encodedOrProblem(row: ClaimedRow, target: PublishTarget): Promise<Encoded | string> {
  if ('problem' in row) return row.problem;
  try {
    const content =
      'raw' in row
        ? { value: row.raw, headers: { ...row.headers } }
        : { value: await target.codec.encode(row.event), headers: headersOf(row.event) };
    const message = { key: row.accountId, ...content };
    // murmur2 of the key, as the Java client does it; explicit, so that the answer can be mapped back to rows.
    const partitionMetadata = Array.from({ length: target.partitions }, (_, partitionId) => ({
      partitionId,
      leader: 0,
    }));
    const partition = partitioner({ topic: target.topic, message, partitionMetadata: partitionMetadata as never });
    return { row, partition, message: { ...message, partition } };
  } catch (error) {
    if (error instanceof SerialisationError) return error.message;
    throw error;
  }
}

type Sent = { readonly sent: readonly SentRow[]; readonly tooLarge: Published['failed'] };

/** MESSAGE_TOO_LARGE speaks of a batch: halve it until the one record that is too large stands alone. */
async function sendAll(batch: readonly Encoded[], target: PublishTarget): Promise<Sent> {
  if (batch.length === 0) return { sent: [], tooLarge: [] };
  if (!target.mayStillSend()) throw new LeaseRanOut('the leases of the shards ran out before the send');
  try {
    const answer = await target.producer.send({
      topic: target.topic,
      acks: -1,
      timeout: 5_000,
      messages: batch.map(({ message }) => message),
    });
    return { sent: placed(batch, answer), tooLarge: [] };
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      return { sent: [], tooLarge: [{ row: only.row, problem: messageOf(error) }] };
    }
    const middle = Math.ceil(batch.length / 2);
    const first = await sendAll(batch.slice(0, middle), target);
    const blocked = new Set(first.tooLarge.map(({ row }) => row.accountId));
    const rest = batch.slice(middle).filter(({ row }) => !blocked.has(row.accountId));
    const second = await sendAll(rest, target);
    return { sent: [...first.sent, ...second.sent], tooLarge: [...first.tooLarge, ...second.tooLarge] };
  }
}

/** Kafka answers a base offset a partition; within it records keep the order in which they were sent. */
function placed(batch: readonly Encoded[], answer: readonly RecordMetadata[]): readonly SentRow[] {
  const next = new Map(answer.map(({ partition, baseOffset }) => [partition, BigInt(baseOffset ?? -1)]));
  return batch.map(({ row, partition }) => {
    const offset = next.get(partition);
    if (offset === undefined || offset < 0n) throw new Error(`the answer lacks partition ${partition}`);
    next.set(partition, offset + 1n);
    return { id: row.id, partition, offset: String(offset) };
  });
}

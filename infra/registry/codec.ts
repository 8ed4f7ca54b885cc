import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import avro from 'avsc';
import { z } from 'zod';
import type { BalanceChanged } from '../contract/envelope.ts';
import { EngineError, messageOf } from '../errors.ts';
import { packageRoot } from '../package-root.ts';

/**
 * The codec of account.balance.v1: Confluent framing (magic byte 0, schema id, Avro body). What a consumer decodes with
 * is its *own* reader schema; the writer's comes from the registry by id.
 */
export interface BalanceCodec {
  /** @throws SerialisationError when the event does not fit the schema: the record's own fault. */
  encode(event: BalanceChanged): Promise<Buffer>;
  /** @throws DecodeError for bytes that are no such event; EngineError when the registry cannot be asked. */
  decode(value: Buffer): Promise<BalanceChanged>;
}

export class SerialisationError extends Error {
  override name = 'SerialisationError';
}

export class DecodeError extends Error {
  override name = 'DecodeError';
}

/** Avro `long` as bigint: the driver's money and sequence numbers pass 2^53. */
const longAsBigint = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (left: bigint, right: bigint) => (left === right ? 0 : left < right ? -1 : 1),
});

/** avsc looks a plain "long" up in its registry of types, but not one with a logical type: this hook sees both. */
const typeHook = (schema: unknown): avro.Type | undefined =>
  schema === 'long' || (schema as { type?: unknown }).type === 'long' ? longAsBigint : undefined;

const long = z.bigint();
const wireEvent = z.object({
  event_id: z.string(),
  dedup_key: z.string(),
  event_type: z.string(),
  schema_version: z.number(),
  occurred_at: long,
  trace_id: z.string(),
  payload: z.object({ tx_id: z.string(), account_id: long, delta: long, account_seq: long }),
});

/** The Confluent default: subject = topic + "-value". */
export function subjectOf(topic: string): string {
  return `${topic}-value`;
}

/**
 * Registers the writer schema under the topic's subject if it is not there yet, and returns the codec.
 * @throws EngineError when the registry cannot be reached or refuses the schema.
 */
export async function balanceCodec(registryUrl: string, topic: string): Promise<BalanceCodec> {
  const schema = await readFile(join(packageRoot, 'infra', 'contract', 'balance-changed.v1.avsc'), 'utf8');
  const registry = openRegistry(registryUrl);
  const id = await registered(registry, registryUrl, schema, subjectOf(topic));
  const readerSchema = avro.Type.forSchema(JSON.parse(schema), { typeHook: typeHook as never });
  return {
    async encode(event) {
      try {
        return await registry.encode(id, toWire(event));
      } catch (error) {
        throw new SerialisationError(`cannot be written as Avro: ${messageOf(error)}`, { cause: error });
      }
    },
    async decode(value) {
      if (value.length < 6 || value[0] !== 0) throw new DecodeError('does not begin with a registry frame');
      try {
        await registry.getSchema(value.readInt32BE(1));
      } catch (error) {
        throw registryError(error, registryUrl);
      }
      try {
        return fromWire(await registry.decode(value, { [SchemaType.AVRO]: { readerSchema: readerSchema as never } }));
      } catch (error) {
        throw new DecodeError(`cannot be read as Avro: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

/** A client of the registry whose Avro `long` is a bigint. */
function openRegistry(registryUrl: string): SchemaRegistry {
  return new SchemaRegistry(
    { host: registryUrl, retry: { retries: 2, initialRetryTimeInSecs: 0.2, maxRetryTimeInSecs: 1 } },
    { [SchemaType.AVRO]: { typeHook: typeHook as never } },
  );
}

/** Somebody else's value, as its own writer's schema says. */
export interface DecodedValue {
  readonly schemaId: number;
  /** Avro records as plain objects; 64-bit integers as bigint. */
  readonly content: unknown;
}

/**
 * Decodes a value by whatever schema the registry knows under the id in its frame.
 * @throws DecodeError for bytes without a frame, an unknown schema, or bytes that are not of that schema; EngineError
 * when the registry cannot be asked.
 */
export async function decodeAny(registryUrl: string, value: Buffer): Promise<DecodedValue> {
  if (value.length < 6 || value[0] !== 0) throw new DecodeError('does not begin with a registry frame');
  const registry = openRegistry(registryUrl);
  const schemaId = value.readInt32BE(1);
  try {
    await registry.getSchema(schemaId);
  } catch (error) {
    throw registryError(error, registryUrl);
  }
  try {
    return { schemaId, content: await registry.decode(value) };
  } catch (error) {
    throw new DecodeError(`cannot be read by schema ${schemaId}: ${messageOf(error)}`, { cause: error });
  }
}

const registerAttempts = 3;
const configTimeoutMs = 5_000;

/**
 * The client registers a schema and gives its subject a compatibility level in two calls. Somebody killed between them
 * leaves a subject without a level, and of two at once the slower finds it so, or that the other was first: the client
 * takes all of that for a contradiction, here it is finished.
 */
async function registered(registry: SchemaRegistry, url: string, schema: string, subject: string): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await registry.register({ type: SchemaType.AVRO, schema }, { subject })).id;
    } catch (error) {
      if (attempt === registerAttempts || !isHalfRegistered(error)) throw registryError(error, url);
      await giveLevel(url, subject).catch((cause: unknown) => {
        throw registryError(cause, url);
      });
    }
  }
}

function isHalfRegistered(error: unknown): boolean {
  const { name, status } = error as { readonly name?: string; readonly status?: number };
  return (name === 'ConfluentSchemaRegistryCompatibilityError' && / NONE\)$/.test(messageOf(error))) || status === 409;
}

/** A level that is there by now is as good. */
async function giveLevel(url: string, subject: string): Promise<void> {
  await fetch(`${url}/config/${encodeURIComponent(subject)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
    signal: AbortSignal.timeout(configTimeoutMs),
  });
}

/** A status of 404 means the id in the record is unknown: bytes of somebody else, not a registry that is down. */
function registryError(error: unknown, url: string): Error {
  const status = (error as { status?: number }).status;
  if (status === 404)
    return new DecodeError(`its schema id is unknown to the registry: ${messageOf(error)}`, { cause: error });
  return new EngineError('registry', `the schema registry at ${url} failed: ${messageOf(error)}`, {
    ...(status === undefined ? {} : { code: status }),
    cause: error,
    tryThis: ['labctl status', 'labctl logs schema-registry'],
  });
}

function toWire(event: BalanceChanged): z.infer<typeof wireEvent> {
  return {
    event_id: event.eventId,
    dedup_key: event.dedupKey,
    event_type: event.eventType,
    schema_version: event.schemaVersion,
    occurred_at: BigInt(event.occurredAtMs),
    trace_id: event.traceId,
    payload: {
      tx_id: event.txId,
      account_id: event.accountId,
      delta: event.delta,
      account_seq: event.accountSeq,
    },
  };
}

function fromWire(decoded: unknown): BalanceChanged {
  const event = wireEvent.parse(decoded);
  return {
    eventId: event.event_id,
    dedupKey: event.dedup_key,
    eventType: event.event_type,
    schemaVersion: event.schema_version,
    occurredAtMs: Number(event.occurred_at),
    traceId: event.trace_id,
    txId: event.payload.tx_id,
    accountId: event.payload.account_id,
    delta: event.payload.delta,
    accountSeq: event.payload.account_seq,
  };
}

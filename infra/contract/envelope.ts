import { z } from 'zod';

/** The event of one ledger leg, as every side of the pipeline sees it. Money and sequence numbers are bigint. */
export interface BalanceChanged {
  readonly eventId: string;
  /** `<tx_id>:<account_id>`: the identity of the effect. A redelivery and a replay carry the same key. */
  readonly dedupKey: string;
  readonly eventType: string;
  readonly schemaVersion: number;
  /** By the writer's clock, milliseconds since the epoch. */
  readonly occurredAtMs: number;
  readonly traceId: string;
  readonly txId: string;
  readonly accountId: bigint;
  /** Minor units, signed. */
  readonly delta: bigint;
  /** Without gaps per account, so `applied_count = version` means complete. */
  readonly accountSeq: bigint;
}

/** All are the same Avro record; they differ in what the projector's handler does with them. */
export const eventTypes = {
  /** A transfer's leg. */
  changed: 'BalanceChanged',
  /** A leg in another currency: its handler asks the dependency `fx-rates`. */
  converted: 'BalanceConverted',
  /** A correction: its handler is the one that a bad deploy breaks. */
  adjusted: 'BalanceAdjusted',
} as const;

const integerText = z.string().regex(/^-?\d+$/);

/** The JSON of outbox_event.payload: 64-bit integers as strings, because JSON numbers lose them above 2^53. */
const outboxPayload = z.object({
  event_id: z.string(),
  dedup_key: z.string(),
  event_type: z.string(),
  schema_version: z.number().int(),
  occurred_at: z.number().int(),
  trace_id: z.string(),
  payload: z.object({ tx_id: z.string(), account_id: integerText, delta: integerText, account_seq: integerText }),
});

export function toOutboxPayload(event: BalanceChanged): string {
  return JSON.stringify({
    event_id: event.eventId,
    dedup_key: event.dedupKey,
    event_type: event.eventType,
    schema_version: event.schemaVersion,
    occurred_at: event.occurredAtMs,
    trace_id: event.traceId,
    payload: {
      tx_id: event.txId,
      account_id: String(event.accountId),
      delta: String(event.delta),
      account_seq: String(event.accountSeq),
    },
  } satisfies z.infer<typeof outboxPayload>);
}

const rawPayload = z.strictObject({ raw: z.base64() });

/** What a row of the outbox holds: an event, or a value that its writer has serialised and that is sent as it is. */
export type OutboxPayload = { readonly event: BalanceChanged } | { readonly raw: Buffer };

export function toRawOutboxPayload(value: Buffer): string {
  return JSON.stringify({ raw: value.toString('base64') } satisfies z.infer<typeof rawPayload>);
}

/** @param json the parsed column. @throws ZodError when it is neither. */
export function fromOutboxPayload(json: unknown): OutboxPayload {
  const raw = rawPayload.safeParse(json);
  return raw.success ? { raw: Buffer.from(raw.data.raw, 'base64') } : { event: eventIn(json) };
}

function eventIn(json: unknown): BalanceChanged {
  const row = outboxPayload.parse(json);
  return {
    eventId: row.event_id,
    dedupKey: row.dedup_key,
    eventType: row.event_type,
    schemaVersion: row.schema_version,
    occurredAtMs: row.occurred_at,
    traceId: row.trace_id,
    txId: row.payload.tx_id,
    accountId: BigInt(row.payload.account_id),
    delta: BigInt(row.payload.delta),
    accountSeq: BigInt(row.payload.account_seq),
  };
}

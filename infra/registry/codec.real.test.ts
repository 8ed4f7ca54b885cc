import { expect, inject, test } from 'vitest';
import type { BalanceChanged } from '../contract/envelope.ts';
import { EngineError } from '../errors.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { balanceCodec, DecodeError, decodeAny, SerialisationError } from './codec.ts';

const event: BalanceChanged = {
  eventId: 'e-1',
  dedupKey: 't-1:42',
  eventType: 'BalanceChanged',
  schemaVersion: 1,
  occurredAtMs: 1_790_000_000_123,
  traceId: 't-1',
  txId: 't-1',
  accountId: 42n,
  delta: -9_007_199_254_740_993n,
  accountSeq: 3n,
};

test('an event survives the registry frame, with money beyond 2^53', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const value = await (await balanceCodec(endpoints.registry, topics.events)).encode(event);
  expect(value[0]).toBe(0);
  // A codec of its own, as another process has it: the writer's schema comes from the registry.
  expect(await (await balanceCodec(endpoints.registry, topics.events)).decode(value)).toEqual(event);
});

test('what is no such event is a DecodeError; what does not fit the schema a SerialisationError', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const codec = await balanceCodec(endpoints.registry, topics.events);
  const value = await codec.encode(event);
  const unknownSchema = Buffer.from(value);
  unknownSchema.writeInt32BE(1_999_999_999, 1);
  for (const broken of [
    Buffer.alloc(0),
    Buffer.from('{"json":1}'),
    value.subarray(0, value.length - 3),
    unknownSchema,
  ]) {
    await expect(codec.decode(broken)).rejects.toThrow(DecodeError);
  }
  await expect(codec.encode({ ...event, delta: 2n ** 64n })).rejects.toThrow(SerialisationError);
});

test('a registry that is down is the engine’s failure, never the record’s', async () => {
  await expect(balanceCodec('http://127.0.0.1:9', 'nobody')).rejects.toThrow(EngineError);
});

test('any value that the registry knows a schema for is decoded by that schema, with integers whole', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const value = await (await balanceCodec(endpoints.registry, topics.events)).encode(event);
  expect(await decodeAny(endpoints.registry, value)).toMatchObject({
    schemaId: value.readInt32BE(1),
    content: { event_id: 'e-1', payload: { account_id: 42n, delta: -9_007_199_254_740_993n } },
  });
  const cut = value.subarray(0, value.length - 3);
  await expect(decodeAny(endpoints.registry, cut)).rejects.toThrow(`cannot be read by schema ${value.readInt32BE(1)}`);
  await expect(decodeAny(endpoints.registry, Buffer.from('{"json":1}'))).rejects.toThrow(DecodeError);
  await expect(decodeAny('http://127.0.0.1:9', value)).rejects.toThrow(EngineError);
});

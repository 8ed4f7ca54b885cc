import { expect, test } from 'vitest';
import { type Part, unknownPart } from '../probes/reading.ts';
import { packedBatches } from '../testing/packed-batches.ts';
import { Brokers } from './brokers.ts';
import { type PlaceSeen, readPlace } from './read-place.ts';
import { WireWriter } from './wire/bytes.ts';
import { crc32c } from './wire/crc32c.ts';
import type { BrokerLink } from './wire/link.ts';
import { fetchedBatches } from './wire/record-batches.ts';
import type { WireRequest } from './wire/request.ts';

const place = { topic: 'events', partition: 0, offset: 1n };
/** Three records, written outside of any transaction. */
const plain = Buffer.from(packedBatches.none ?? '', 'base64');
/** The same in a transaction of producer 7. */
const transactional = Buffer.from(plain);
transactional.writeInt16BE(0x10, 21);
transactional.writeBigInt64BE(7n, 43);
transactional.writeUInt32BE(crc32c(transactional.subarray(21)), 17);

/** @param fetches the bytes that its leader sends, one fetch after the other. */
function seenIn(...fetches: readonly Buffer[]): Promise<Part<PlaceSeen>> {
  const left = [...fetches];
  const { topic, partition } = place;
  const answerTo = (request: WireRequest<unknown>): unknown => {
    if (request.apiName === 'Metadata') {
      const partitions = [{ errorCode: 0, partition, leader: 1, replicas: [1], isr: [1], offline: [] }];
      const brokers = [{ nodeId: 1, host: 'broker', port: 9092 }];
      return { clusterId: 'cluster', brokers, topics: [{ errorCode: 0, topic, partitions }] };
    }
    if (request.apiName === 'ListOffsets') {
      const body = new WireWriter();
      request.encode(body);
      const isEarliest = body.bytes().readBigInt64BE(body.bytes().length - 8) === -2n;
      return [{ topic, partition, errorCode: 0, offset: isEarliest ? 0n : 3n }];
    }
    const records = left.shift() ?? Buffer.alloc(0);
    const ends = { logStart: 0n, lastStable: 3n, highWatermark: 3n };
    return [{ topic, partition, errorCode: 0, ...ends, aborted: [], batches: fetchedBatches(records), records }];
  };
  const link = (address: string): BrokerLink => ({
    address,
    resting: () => false,
    ask: async <Answer>(request: WireRequest<Answer>) => answerTo(request) as Answer,
    close() {},
  });
  return readPlace(new Brokers(['broker:9092'], link), place);
}

test('a record is of the transaction of its batch, or of none', async () => {
  const record = { is: 'record', record: { offset: 1n }, isHeld: false };
  expect(await seenIn(plain, plain)).toMatchObject({ known: true, value: { ...record, transaction: undefined } });
  expect(await seenIn(transactional, transactional)).toMatchObject({
    known: true,
    value: { ...record, transaction: { producerId: 7n, outcome: 'committed' } },
  });
});

test('a record whose batch is gone when it is asked for again is unknown, not outside of any transaction', async () => {
  expect(await seenIn(transactional, Buffer.alloc(0))).toEqual(unknownPart('the log has moved meanwhile'));
});

import { expect, test } from 'vitest';
import { EngineError } from '../errors.ts';
import type { Brokers } from './brokers.ts';
import { type GroupLog, groupLogStart, readGroupLog } from './read-group-log.ts';
import { WireWriter } from './wire/bytes.ts';
import type { WireRequest } from './wire/request.ts';

/** A log of one partition, in which record n is a commit of offset n; a Fetch gives so many of them. */
function logOf(writers: readonly string[], recordsAFetch: number) {
  const state = { fails: false, fetches: 0 };
  const batch = (offset: number) => {
    const groupId = writers[offset] ?? '';
    const key = Buffer.concat([
      Buffer.from([0, 1, 0, groupId.length]),
      Buffer.from(groupId),
      Buffer.from([0, 1]),
      Buffer.from('t'),
      Buffer.from([0, 0, 0, 0]),
    ]);
    const value = Buffer.alloc(10);
    value.writeInt16BE(3);
    value.writeBigInt64BE(BigInt(offset), 2);
    const record = { offset: BigInt(offset), timestampMs: 1, key, value, headers: {} };
    const [baseOffset, lastOffset] = [BigInt(offset), BigInt(offset)];
    return { baseOffset, lastOffset, marker: undefined, records: () => ({ known: true, value: [record] }) };
  };
  const topic = '__consumer_offsets';
  const leader = { nodeId: 1, host: 'a', port: 1 };
  const metadata = {
    brokers: [leader],
    topics: [{ topic, errorCode: 0, partitions: [{ partition: 0, errorCode: 0, leader: 1, replicas: [1], isr: [1] }] }],
  };
  const ask = async (request: WireRequest<unknown>): Promise<unknown> => {
    if (request.apiName !== 'Fetch') return [{ topic, partition: 0, errorCode: 0, offset: 0n }]; // the log's start
    if (state.fails) throw new EngineError('kafka', 'a broker was busy');
    state.fetches += 1;
    const from = fetchedFrom(request);
    const batches = writers.map((_, offset) => batch(offset)).slice(from, from + recordsAFetch);
    const ends = { logStart: 0n, lastStable: 0n, highWatermark: BigInt(writers.length) };
    return [{ topic, partition: 0, errorCode: 0, ...ends, aborted: [], batches, records: Buffer.alloc(0) }];
  };
  const brokers = {
    metadata: async () => metadata,
    addressOf: () => 'a:1',
    link: () => ({ ask }),
  } as unknown as Brokers;
  return { brokers, state };
}

/** Of a Fetch about one partition: the only offset in it that is not -1. */
function fetchedFrom(request: WireRequest<unknown>): number {
  const body = new WireWriter();
  request.encode(body);
  const topicEnd = body.bytes().indexOf('__consumer_offsets') + '__consumer_offsets'.length;
  const offsetAt = topicEnd + 4 + 4 + 4; // how many partitions, the partition, leader epoch
  return Number(body.bytes().readBigInt64BE(offsetAt));
}

const told = ({ records }: GroupLog) =>
  records.flatMap((one) => (one.kind === 'commit' ? [`${one.groupId}${one.offset}`] : []));

test('somebody who is asked about late is looked for in as many goes as it takes; nobody is told of twice', async () => {
  const { brokers, state } = logOf(['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'], 3);
  const start = { offsets: { 0: 7n }, groupIds: ['a'] };
  const first = await readGroupLog(brokers, ['a', 'b'], start);
  expect([told(first), first.next]).toEqual([['b1', 'b3', 'b5', 'b7'], { offsets: { 0: 8n }, groupIds: ['a', 'b'] }]);
  expect(state.fetches).toBe(3);
  expect(told(await readGroupLog(brokers, ['a', 'b'], first.next))).toEqual([]);
});

test('a look back that fails is made again, and leaves the others where they were', async () => {
  const { brokers, state } = logOf(['a', 'b', 'a', 'b'], 10);
  const start = { offsets: { 0: 4n }, groupIds: ['a'] };
  state.fails = true;
  const failed = await readGroupLog(brokers, ['a', 'b'], start);
  expect([told(failed), failed.next, [...failed.unread.keys()]]).toEqual([[], start, ['a', 'b']]);
  state.fails = false;
  const again = await readGroupLog(brokers, ['a', 'b'], failed.next);
  expect([told(again), again.next.groupIds]).toEqual([
    ['b1', 'b3'],
    ['a', 'b'],
  ]);
});

test('a first look', async () => {
  const { brokers } = logOf(['a', 'b'], 10);
  expect(told(await readGroupLog(brokers, ['a'], groupLogStart))).toEqual(['a0']);
});

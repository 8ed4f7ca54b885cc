import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { patchKafkajs } from './patches.ts';

const require = createRequire(import.meta.url);
const queuePath = require.resolve('kafkajs/src/network/requestQueue');
const filterPath = require.resolve('kafkajs/src/consumer/filterAbortedMessages');

interface Queue {
  scheduleCheckPendingRequests(): void;
  pending: unknown[];
}

/** kafkajs' own modules as they come from the package, before any patch. */
function loadStock(): void {
  delete require.cache[queuePath];
  delete require.cache[filterPath];
  require(filterPath);
}

function newQueue(): Queue {
  const RequestQueue = require(queuePath) as new (options: object) => Queue;
  const silent = { debug() {}, error() {}, warn() {}, info() {} };
  return new RequestQueue({
    clientId: 'test',
    broker: 'b:1',
    logger: { namespace: () => silent },
    requestTimeout: 1_000,
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  loadStock();
});
afterEach(() => {
  vi.useRealTimers();
  loadStock();
});

/** How often an idle queue wakes up within a second of (fake) time. */
function wakeUpsOf(queue: Queue): number {
  let wakeUps = 0;
  const schedule = queue.scheduleCheckPendingRequests.bind(queue);
  queue.scheduleCheckPendingRequests = () => {
    wakeUps += 1;
    schedule();
  };
  queue.scheduleCheckPendingRequests();
  vi.advanceTimersByTime(1_000);
  return wakeUps;
}

test('stock kafkajs wakes an idle connection hundreds of times a second; patched, never', () => {
  expect(wakeUpsOf(newQueue())).toBeGreaterThan(100);
  patchKafkajs();
  expect(wakeUpsOf(newQueue())).toBe(1); // the call made here, and no timer after it
});

test('patched, a queue with pending requests still looks at them again', () => {
  patchKafkajs();
  const queue = newQueue();
  queue.pending.push({});
  let checked = 0;
  Object.assign(queue, { checkPendingRequests: () => (checked += 1) });
  queue.scheduleCheckPendingRequests();
  vi.advanceTimersByTime(50);
  expect(checked).toBe(1);
});

/** A opens at 0, B at 3; B aborts at 5, A at 6. The broker lists aborts in the order of their markers: B, A. */
function deliveredOfOverlappingAborts(): string[] {
  type Filter = (input: { messages: object[]; abortedTransactions: object[] }) => { offset: string }[];
  const record = (offset: number, producerId: string) => ({
    offset: String(offset),
    producerId,
    isControlRecord: false,
  });
  const abort = (offset: number, producerId: string) => ({
    offset: String(offset),
    producerId,
    isControlRecord: true,
    key: Buffer.from([0, 0, 0, 0]),
  });
  const batchContext = (message: { producerId: string; isControlRecord: boolean }) => ({
    ...message,
    batchContext: { producerId: message.producerId, inTransaction: true, isControlBatch: message.isControlRecord },
  });
  const messages = [
    ...[0, 1, 2].map((offset) => record(offset, 'A')),
    ...[3, 4].map((offset) => record(offset, 'B')),
    abort(5, 'B'),
    abort(6, 'A'),
  ].map(batchContext);
  const filter = require(filterPath) as Filter;
  return filter({
    messages,
    abortedTransactions: [
      { producerId: 'B', firstOffset: '3' },
      { producerId: 'A', firstOffset: '0' },
    ],
  })
    .filter((message) => !(message as { isControlRecord?: boolean }).isControlRecord)
    .map(({ offset }) => offset);
}

test('stock kafkajs delivers records of an aborted transaction that overlaps another; patched, none', () => {
  expect(deliveredOfOverlappingAborts()).toEqual(['0', '1', '2']);
  patchKafkajs();
  expect(deliveredOfOverlappingAborts()).toEqual([]);
});

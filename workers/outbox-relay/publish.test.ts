import type { ProducerRecord } from 'kafkajs';
import { expect, test } from 'vitest';
import type { BalanceChanged } from '../../infra/contract/envelope.ts';
import { SerialisationError } from '../../infra/registry/codec.ts';
import type { ClaimedRow } from './claim.ts';
import { LeaseRanOut, publish } from './publish.ts';

function row(id: number, accountId: number, size = 10): ClaimedRow {
  const event: BalanceChanged = {
    eventId: `e${id}`,
    dedupKey: `t${id}:${accountId}`,
    eventType: 'BalanceChanged',
    schemaVersion: 1,
    occurredAtMs: 1,
    traceId: 'x'.repeat(size),
    txId: `t${id}`,
    accountId: BigInt(accountId),
    delta: 1n,
    accountSeq: BigInt(id),
  };
  return { id: String(id), accountId: String(accountId), attempts: 0, dedupKey: event.dedupKey, event };
}

/** Answers as a broker does: one base offset a partition and request, and a limit on what a request may hold. */
function fakeBroker(bytesMax = Number.POSITIVE_INFINITY) {
  const stored = new Map<number, string[]>();
  const target = {
    topic: 'events',
    mayStillSend: () => true,
    partitions: 6,
    codec: {
      async encode({ traceId, dedupKey }: BalanceChanged) {
        if (traceId.startsWith('bad')) throw new SerialisationError('does not fit');
        return Buffer.from(`${dedupKey}${traceId}`);
      },
      decode: () => Promise.reject(new Error('not asked')),
    },
    producer: {
      async send({ messages }: ProducerRecord) {
        const bytes = messages.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
        if (bytes > bytesMax) throw Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
        const bases = new Map<number, number>();
        for (const { partition = -1, key } of messages) {
          const log = stored.get(partition) ?? [];
          if (!bases.has(partition)) bases.set(partition, log.length);
          stored.set(partition, [...log, String(key)]);
        }
        return [...bases].map(([partition, base]) => ({
          topicName: 'events',
          partition,
          errorCode: 0,
          baseOffset: String(base),
        }));
      },
    },
  };
  return { stored, target };
}

test('each row learns the partition and offset at which its event is stored', async () => {
  const { stored, target } = fakeBroker();
  const rows = Array.from({ length: 40 }, (_, id) => row(id, id % 7));
  const { sent, failed } = await publish(rows, target);
  expect(failed).toEqual([]);
  expect(sent.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
  sent.forEach(({ partition, offset }, index) => {
    expect(stored.get(partition)?.[Number(offset)]).toBe(rows[index]?.accountId);
  });
});

test('partitions are those of the Java client', async () => {
  const { target } = fakeBroker();
  const { sent } = await publish([row(1, 21)], target);
  // Apache Kafka's own UtilsTest: murmur2("21") = -973932308; its sign bit cleared, modulo 6.
  expect(sent[0]?.partition).toBe((-973_932_308 & 0x7f_ff_ff_ff) % 6);
});

test('a row that cannot be serialised fails alone, and no later row of its key overtakes it', async () => {
  const { target } = fakeBroker();
  const bad = row(2, 5);
  if ('event' in bad) Object.assign(bad.event, { traceId: 'bad' });
  const { sent, failed } = await publish([row(1, 5), bad, row(3, 5), row(4, 6)], target);
  expect(sent.map(({ id }) => id)).toEqual(['1', '4']);
  expect(failed.map(({ row: { id } }) => id)).toEqual(['2']);
});

test('a batch that is too large is halved down to the one record that is', async () => {
  const { target } = fakeBroker(100);
  const rows = [row(1, 1), row(2, 2), row(3, 3, 500), row(4, 3), row(5, 4)];
  const { sent, failed } = await publish(rows, target);
  expect(sent.map(({ id }) => id)).toEqual(['1', '2', '5']);
  expect(failed.map(({ row: { id } }) => id)).toEqual(['3']);
});

test('Kafka failing is nobody’s fault: it throws, and no row is failed', async () => {
  const { target } = fakeBroker();
  const producer = { send: () => Promise.reject(Object.assign(new Error('no'), { type: 'NOT_ENOUGH_REPLICAS' })) };
  await expect(publish([row(1, 1)], { ...target, producer })).rejects.toThrow('no');
});

test('a value that its writer serialised goes as it is, with the headers of its row', async () => {
  const { target } = fakeBroker();
  const sent: ProducerRecord[] = [];
  const producer = { send: (record: ProducerRecord) => target.producer.send(record).finally(() => sent.push(record)) };
  const raw = Buffer.from([0xde, 0xad]);
  const headers = { dedup_key: 't:7' };
  const { sent: placed } = await publish([{ id: '1', accountId: '7', attempts: 0, dedupKey: 't:7', raw, headers }], {
    ...target,
    producer,
  });
  expect(placed).toMatchObject([{ id: '1', offset: '0' }]);
  expect(sent[0]?.messages).toMatchObject([{ key: '7', value: raw, headers }]);
});

test('nothing leaves when the leases ran out: another relay may own the shards by now', async () => {
  const { stored, target } = fakeBroker();
  await expect(publish([row(1, 7)], { ...target, mayStillSend: () => false })).rejects.toThrow(LeaseRanOut);
  expect(stored.size).toBe(0);
});

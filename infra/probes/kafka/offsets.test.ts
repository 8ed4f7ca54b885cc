import { expect, test } from 'vitest';
import type { PartitionPosition } from '../../kafka/read-positions.ts';
import type { Target } from '../../target.ts';
import { known, unknownPart } from '../reading.ts';
import { type KafkaOffsets, kafkaOffsets } from './offsets.ts';

interface At {
  readonly lso: bigint;
  readonly hw: bigint;
  readonly leo: bigint;
}

/** A cluster of one partition that stands where the test says. */
function targetAt(positions: () => At | string): Target {
  const kafka = {
    async positions({ logStart }: { logStart: boolean }) {
      const at = positions();
      if (typeof at === 'string') return new Map([['orders', unknownPart(at)]]);
      const position: PartitionPosition = {
        partition: 0,
        leader: 1,
        replicas: [1, 2],
        isr: [1, 2],
        logStart: logStart ? known(3n) : undefined,
        lastStable: known(at.lso),
        highWatermark: known(at.hw),
        logEnds: [
          { nodeId: 1, logEnd: known(at.leo) },
          { nodeId: 2, logEnd: known(at.hw) },
        ],
      };
      return new Map([['orders', known([position])]]);
    },
  };
  return { kafka, profile: 'own', roles: { topics: {}, groups: {} } } as unknown as Target;
}

/** One reading a second, the positions of each given. */
async function readings(all: readonly (At | string)[]): Promise<KafkaOffsets> {
  let now = 0;
  const target = targetAt(() => all[now] ?? 'nothing left');
  let previous: { value: KafkaOffsets; takenAtMs: number } | undefined;
  for (; now < all.length; now++) {
    const nowMs = now * 1_000;
    const { signal } = new AbortController();
    previous = { value: await kafkaOffsets.read(target, { signal, previous, nowMs }), takenAtMs: nowMs };
  }
  if (previous === undefined) throw new Error('nothing was read');
  return previous.value;
}

const keysOf = (value: KafkaOffsets) => kafkaOffsets.judge(value).map(({ key }) => key);
const partitionOf = ({ topics }: KafkaOffsets) => {
  const partitions = topics[0]?.partitions;
  return partitions?.known ? partitions.value[0] : undefined;
};

test('a transaction that holds the LSO for ten seconds is found, with how many wait', async () => {
  const value = await readings(
    Array.from({ length: 12 }, (_, n) => ({ lso: 5n, hw: 7n + BigInt(n), leo: 20n + BigInt(n) })),
  );
  expect(keysOf(value)).toEqual(['offsets.held.orders']);
  expect(partitionOf(value)?.held).toMatchObject({ records: known(13n), stillMs: 11_000 });
  expect(kafkaOffsets.judge(value)[0]?.text.en).toContain('for 11 s; 13 records wait');
});

test('silent while the LSO moves, however far behind it is', async () => {
  const value = await readings(
    Array.from({ length: 30 }, (_, n) => ({
      lso: BigInt(n * 100),
      hw: BigInt(n * 100 + 900),
      leo: BigInt(n * 100 + 950),
    })),
  );
  expect(keysOf(value)).toEqual([]);
});

test('silent when each gap closes before the threshold', async () => {
  const held = Array<At>(9).fill({ lso: 5n, hw: 8n, leo: 8n });
  expect(
    keysOf(
      await readings([
        ...held,
        { lso: 9n, hw: 9n, leo: 9n },
        ...held.map((at) => ({ ...at, lso: 9n, hw: 12n, leo: 12n })),
      ]),
    ),
  ).toEqual([]);
});

test('records that are not replicated are found when the high watermark stands still', async () => {
  const value = await readings(Array.from({ length: 12 }, () => ({ lso: 5n, hw: 5n, leo: 9n })));
  expect(keysOf(value)).toEqual(['offsets.unreplicated.orders']);
  expect(partitionOf(value)?.logEnds[1]).toMatchObject({ nodeId: 2, lag: known(4n) });
});

test('unknown for a moment: no gap is claimed, and the time it stood is not forgotten', async () => {
  const held: At = { lso: 5n, hw: 8n, leo: 8n };
  const gone = await readings([...Array(11).fill(held), 'no broker answers']);
  expect(keysOf(gone)).toEqual([]);
  expect(gone.topics[0]?.held).toEqual({ atLeast: 0n, unknown: 1, parts: 1 });
});

test('the log start is kept between the readings that ask for it', async () => {
  const value = await readings(Array<At>(3).fill({ lso: 9n, hw: 9n, leo: 9n }));
  expect(partitionOf(value)?.logStart).toEqual(known(3n));
});

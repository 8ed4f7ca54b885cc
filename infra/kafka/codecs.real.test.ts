import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { known, unknownPart } from '../probes/reading.ts';
import { layoutOf } from '../stack/native/layout.ts';
import type { NodeName } from '../stack/stack.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { kafkaTools } from '../testing/kafka-tools.ts';
import { kafkaClient } from './client.ts';
import type { ScannedRecord } from './decode-records.ts';
import { KafkaReader } from './reader.ts';
import { scanTopic } from './scan.ts';
import type { FetchedPartition } from './wire/fetch.ts';

// Kafka's tools are a JVM each: seconds on an idle machine, far more on a busy one.
vi.setConfig({ testTimeout: 180_000 });

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Of many blocks in each format, and half of it can be packed. */
const large = Array.from({ length: 1_600 }, (_, n) =>
  createHash('sha256').update(`${n}`).digest('hex').padEnd(128),
).join('');
const values = ['first', '첫째', '', large, 'last '.repeat(200)];

/** A record in short: its place, and its key, which says by which codec it was written. */
const placeOf = ({ partition, offset }: Pick<ScannedRecord, 'partition' | 'offset'>) => `${partition}/${offset}`;

/** Fails unless headers and value are those that were written with the key. */
function keyOf({ key, value, headers }: ScannedRecord): string {
  const text = String(key);
  const [codec = '', n = ''] = text.split(' ');
  expect(headers).toEqual({ codec: Buffer.from(codec), n: Buffer.from(n) });
  expect(value?.toString() === values[Number(n)], `the value of ${text}`).toBe(true);
  return text;
}

test('what Kafka’s own producer writes in each compression is read back; a damaged batch hides itself alone', async () => {
  const endpoints = inject('endpoints');
  const { topics } = await freshScope(endpoints);
  const topic = topics.events;
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.codecs' });
  const reader = new KafkaReader(endpoints.kafka);
  onTestFinished(() => reader.close());
  await produceInEachCodec(topic, endpoints.kafka);

  const { topics: seen } = await reader.metadata([topic]);
  const from = seen.flatMap(({ partitions }) =>
    partitions.map(({ partition, leader }) => ({ topic, partition, leader, offset: 0n })),
  );
  const fetched = await reader.batchesAt(from, { partition: 4_000_000, all: 20_000_000 });
  const batches = from.flatMap(({ partition, leader }) => {
    const part = fetched.get(`${topic}/${partition}`);
    return part?.known ? batchesIn(part.value, leader) : [];
  });
  expect(new Set(batches.map(({ codec }) => codec))).toEqual(new Set(codecs));

  const all = new Map<string, string>();
  for await (const record of scanTopic(kafka, topic)) all.set(placeOf(record), keyOf(record));
  expect([...all.values()].sort()).toEqual(codecs.flatMap((codec) => values.map((_, n) => `${codec} ${n}`)).sort());

  const places = [...all.keys()].map((place) => {
    const [partition, offset] = place.split('/');
    return { topic, partition: Number(partition), offset: BigInt(offset ?? '') };
  });
  const found = [...all.values()].map((record) => known({ status: 'found', record }));
  expect(await reader.recordsAt(places, { keep: keyOf })).toEqual(found);
  const looked = async () => {
    const keys = new Map<string, string>();
    const visit = (record: ScannedRecord): boolean => {
      keys.set(placeOf(record), keyOf(record));
      return false;
    };
    const stretch = { topic, fromMs: 0, toMs: systemClock.now() + 60_000 };
    return { keys, ...(await reader.lookThrough(stretch, { visit, bytesMax: 100_000_000, timeoutMs: 60_000 })) };
  };
  expect(await looked()).toEqual({ keys: all, records: all.size, missing: undefined, reachesBack: true });

  const hit = batches.find(({ codec }) => codec === 'lz4');
  if (hit === undefined) throw new Error('no batch of lz4');
  damage(topic, hit);
  const isHidden = ({ partition, offset }: (typeof places)[number]): boolean =>
    partition === hit.partition && hit.first <= offset && offset <= hit.last;
  const range = hit.first === hit.last ? `offset ${hit.first}` : `offsets ${hit.first} to ${hit.last}`;
  const why = `${range}: a record batch is damaged: its checksum does not match`;
  expect(await reader.recordsAt(places, { keep: keyOf })).toEqual(
    places.map((place, index) => (isHidden(place) ? unknownPart(why) : found[index])),
  );
  const others = new Map([...all].filter((_, index) => !isHidden(places[index] ?? expect.fail())));
  expect(others.size).toBeLessThan(all.size);
  const missing = `partition ${hit.partition}, ${why}`;
  expect(await looked()).toEqual({ keys: others, records: others.size, missing, reachesBack: true });
  await expect(Array.fromAsync(scanTopic(kafka, topic))).rejects.toThrow(
    `${topic}, partition ${hit.partition}, cannot be read: ${why}`,
  );
});

async function produceInEachCodec(topic: string, brokers: readonly string[]): Promise<void> {
  const tools = await kafkaTools(inject('config'));
  const folder = mkdtempSync(join(tmpdir(), 'labctl-codecs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const settings = '--reader-property parse.key=true --reader-property parse.headers=true';
  await Promise.all(
    codecs.map((codec) => {
      const file = join(folder, codec);
      writeFileSync(file, values.map((value, n) => `codec:${codec},n:${n}\t${codec} ${n}\t${value}\n`).join(''));
      return tools.run(
        `kafka-console-producer --bootstrap-server ${brokers.join(',')} --topic ${topic} --compression-codec ${codec} ${settings} < '${file}'`,
      );
    }),
  );
}

interface Stored {
  readonly partition: number;
  readonly leader: number;
  readonly codec: (typeof codecs)[number] | undefined;
  readonly first: bigint;
  readonly last: bigint;
  /** In the log's first segment. */
  readonly at: number;
}

/** As they stand in the log, from its beginning on. */
function batchesIn({ partition, records, batches }: FetchedPartition, leader: number): readonly Stored[] {
  let at = 0;
  return batches.map(({ baseOffset, lastOffset }) => {
    const stored = { partition, leader, first: baseOffset, last: lastOffset, at };
    const codec = codecs[records.readInt16BE(at + 21) & 7];
    at += 12 + records.readInt32BE(at + 8);
    return { ...stored, codec };
  });
}

/** What a failing disk does: a byte of the leader's file is another one. */
function damage(topic: string, { partition, leader, at }: Stored): void {
  const { dataDir } = layoutOf(inject('config').stateDir);
  const segment = join(dataDir(`kafka-${leader}` as NodeName), `${topic}-${partition}`, `${'0'.repeat(20)}.log`);
  const file = openSync(segment, 'r+');
  const place = at + 61 + 20;
  writeSync(file, Buffer.from([(readFileSync(segment)[place] ?? 0) ^ 0xff]), 0, 1, place);
  closeSync(file);
}

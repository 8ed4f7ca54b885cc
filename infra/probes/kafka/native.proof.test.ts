import type { Kafka } from 'kafkajs';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { waitFor } from '../../clock.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { transactions } from '../../diagnoses/transactions.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { run } from '../../process.ts';
import { fetchKafkaTools } from '../../stack/native/fetch/fetch-engines.ts';
import { createNativeStack } from '../../stack/native/native-stack.ts';
import { writeShims } from '../../stack/native/shims.ts';
import { type LabTarget, labTarget } from '../../target.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { beginTransaction, plantHangingTransaction } from '../../testing/plant-transactions.ts';
import type { Probe } from '../probe.ts';
import type { Reading } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { kafkaCluster } from './cluster.ts';
import { kafkaIsr } from './isr.ts';
import { type KafkaOffsets, kafkaOffsets } from './offsets.ts';
import { kafkaTransactions } from './transactions.ts';

// Kafka's tools are a JVM each: seconds on an idle machine, far more on a busy one.
vi.setConfig({ testTimeout: 10 * 60_000 });

const endpoints = inject('endpoints');
const stack = createNativeStack(inject('config'));
const { signal } = new AbortController();
let tools = '';

beforeAll(async () => {
  const config = inject('config');
  await fetchKafkaTools({ config, env: process.env, onEvent: () => {}, signal });
  tools = await writeShims(config);
}, 600_000);

afterAll(async () => {
  await stack.start('kafka-3', signal);
});

async function prepared(): Promise<{ kafka: Kafka; target: LabTarget; topic: string }> {
  const { name, topics } = await freshScope(endpoints);
  const target = labTarget(endpoints, name);
  onTestFinished(() => target.close());
  return { kafka: kafkaClient({ brokers: endpoints.kafka, clientId: 'test.native' }), target, topic: topics.events };
}

/** As an operator would run it: pasted into a shell. */
async function output(command: string): Promise<string> {
  const path = `${tools}:${process.env.PATH}`;
  const result = await run('sh', ['-c', command], { timeoutMs: 120_000, env: { ...process.env, PATH: path } });
  expect(result.problem, `${command}\n${result.stderr}`).toBeUndefined();
  return result.stdout;
}

async function valueNow<T>(probe: Probe<T>, target: LabTarget, before?: Reading<T>): Promise<T> {
  const reading = await readOnce({ probe, target, before });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  return reading.value;
}

/** A heading and rows; Kafka's tools part columns with tabs, and pad them. */
const rowsOf = (text: string): readonly Readonly<Record<string, string>>[] => {
  const [names = [], ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.split('\t').map((cell) => cell.trim()));
  return lines.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])));
};

async function outputsOf<T>(probe: Probe<T>, target: LabTarget, value: T): Promise<readonly string[]> {
  const outputs: string[] = [];
  for (const { command } of probe.verifyWith(target, { value })) outputs.push(await output(command));
  return outputs;
}

/** Every part known, as plain numbers. */
function partitionsOf({ topics }: KafkaOffsets, topic: string) {
  const partitions = topics.find((one) => one.topic === topic)?.partitions;
  if (partitions?.known !== true) throw new Error(`${topic} is unknown`);
  const known = (part: { known: true; value: bigint } | { known: false; reason: string }): bigint => {
    if (!part.known) throw new Error(part.reason);
    return part.value;
  };
  return partitions.value
    .map(({ partition, logStart, lastStable, highWatermark, logEnds }) => ({
      partition,
      logStart: known(logStart),
      lastStable: known(lastStable),
      highWatermark: known(highWatermark),
      ends: logEnds.map(({ nodeId, logEnd }) => ({ nodeId, logEnd: known(logEnd) })),
    }))
    .sort((left, right) => left.partition - right.partition);
}

/** `<broker> <topic>-<partition> <offsetLag>`, from the JSON line of kafka-log-dirs. */
function lagsIn(text: string, topic: string): readonly string[] {
  const line = text.split('\n').find((one) => one.startsWith('{')) ?? '{}';
  const { brokers = [] } = JSON.parse(line) as {
    brokers?: { broker: number; logDirs: { partitions: { partition: string; offsetLag: number }[] }[] }[];
  };
  return brokers
    .flatMap(({ broker, logDirs }) =>
      logDirs.flatMap(({ partitions }) =>
        partitions
          .filter(({ partition }) => new RegExp(`^${topic}-\\d+$`).test(partition))
          .map(({ partition, offsetLag }) => `${broker} ${partition} ${offsetLag}`),
      ),
    )
    .sort();
}

/** An aborted and an open transaction in partition 0; in 1 one that hangs, with records before and behind it. */
async function planted(kafka: Kafka, topic: string) {
  const plain = kafka.producer();
  await plain.connect();
  onTestFinished(() => plain.disconnect());
  const send = (partition: number, count: number) =>
    plain.send({ topic, messages: Array(count).fill({ partition, value: 'x' }) });
  await send(0, 5);
  await send(1, 2);
  const aborted = await beginTransaction(kafka, `${topic}.aborted`);
  await aborted.transaction.send({ topic, messages: [{ partition: 0, value: 'aborted' }] });
  await aborted.transaction.abort();
  // Longer than the tools take on a busy machine.
  const open = await beginTransaction(kafka, `${topic}.open`, { transactionTimeout: 600_000 });
  await open.transaction.send({ topic, messages: [{ partition: 0, value: 'open' }] });
  const hanging = { topic, partition: 1, transactionalId: `${topic}.hanging`, records: 2 };
  const { producerId } = await plantHangingTransaction(kafka, hanging);
  await send(1, 3);
  return { open, producerId };
}

test('kafka.cluster', async () => {
  const { target } = await prepared();
  const before = await valueNow(kafkaCluster, target);
  const [status = '', replication = ''] = await outputsOf(kafkaCluster, target, before);
  const after = await valueNow(kafkaCluster, target);
  if (!before.quorum.known || !after.quorum.known) throw new Error('the quorum is unknown');
  expect(status).toMatch(new RegExp(`LeaderId:\\s+${before.quorum.value.leaderId}\n`));
  expect(status).toMatch(new RegExp(`LeaderEpoch:\\s+${before.quorum.value.epoch}\n`));
  const told = rowsOf(replication);
  expect(told.map(({ NodeId }) => Number(NodeId)).sort()).toEqual(
    before.quorum.value.replicas.map(({ nodeId }) => nodeId).sort(),
  );
  const endOf = (value: typeof before.quorum.value): bigint => value.replicas[0]?.logEnd ?? -1n;
  for (const { LogEndOffset = '' } of told) {
    // It moves all the time: between what was read before and after.
    expect(BigInt(LogEndOffset)).toBeGreaterThanOrEqual(endOf(before.quorum.value) - 10n);
    expect(BigInt(LogEndOffset)).toBeLessThanOrEqual(endOf(after.quorum.value));
  }
  expect(before.brokers.map(({ nodeId, alive }) => [nodeId, alive])).toEqual([
    [1, true],
    [2, true],
    [3, true],
  ]);
});

test('kafka.offsets, kafka.transactions: open, aborted, hanging; and the abort that it proposes frees it', async () => {
  const { kafka, target, topic } = await prepared();
  const { open, producerId } = await planted(kafka, topic);
  const offsets = await waitFor(
    'the markers and the followers',
    async () => {
      const value = await valueNow(kafkaOffsets, target);
      const [first, second] = partitionsOf(value, topic);
      const settled = first?.highWatermark === 8n && first.lastStable === 7n && second?.highWatermark === 7n;
      return settled ? value : undefined;
    },
    { timeoutMs: 20_000, intervalMs: 250 },
  );
  const partitions = partitionsOf(offsets, topic);
  const [starts = '', ends = '', dirs = '', producers = ''] = await outputsOf(kafkaOffsets, target, offsets);
  const tool = (text: string) => text.trim().split('\n').sort();
  expect(tool(starts)).toEqual(partitions.map(({ partition, logStart }) => `${topic}:${partition}:${logStart}`));
  expect(tool(ends)).toEqual(
    partitions.map(({ partition, highWatermark }) => `${topic}:${partition}:${highWatermark}`),
  );
  expect(lagsIn(dirs, topic)).toEqual(
    partitions
      .flatMap(({ partition, ends: replicas, highWatermark }) =>
        replicas.map(({ nodeId, logEnd }) => `${nodeId} ${topic}-${partition} ${highWatermark - logEnd}`),
      )
      .sort(),
  );
  const starting = rowsOf(producers)
    .map((row) => row.CurrentTransactionStartOffset ?? '')
    .filter((one) => /^\d+$/.test(one));
  expect(starting.map(BigInt), producers).toContain(partitions[0]?.lastStable);

  const value = await valueNow(kafkaTransactions, target);
  const commands = kafkaTransactions.verifyWith(target, { value }).map(({ command }) => command);
  expect(commands).toHaveLength(4);
  const [list = '', described = '', held = '', found = ''] = await Promise.all(commands.map(output));
  expect(rowsOf(list).find((row) => row.TransactionalId === `${topic}.open`)).toMatchObject({
    ProducerId: String(value.open[0]?.producerId),
    TransactionState: 'Ongoing',
  });
  expect(rowsOf(described)[0]).toMatchObject({
    TransactionalId: `${topic}.open`,
    TransactionState: 'Ongoing',
    TransactionTimeoutMs: String(value.open[0]?.timeoutMs),
  });
  expect(described).toContain(`${topic}-0`);
  expect(value.held.map(({ partition }) => partition).sort()).toEqual([0, 1]);
  const first = value.held[0]?.producers;
  expect(
    rowsOf(held).map(({ ProducerId, CurrentTransactionStartOffset }) => [ProducerId, CurrentTransactionStartOffset]),
  ).toContainEqual(first?.known ? [String(first.value[0]?.producerId), String(first.value[0]?.startOffset)] : []);
  expect(value.hanging).toMatchObject([{ topic, partition: 1, producerId, startOffset: 2n, records: 5n }]);
  expect(rowsOf(found).filter((row) => row.Topic === topic)).toMatchObject([
    { Topic: topic, Partition: '1', ProducerId: String(producerId), StartOffset: '2' },
  ]);

  const answer = await diagnose({ diagnosis: transactions, target });
  await output(answer.next[0]?.command ?? '');
  await waitFor('the marker', async () => (await valueNow(kafkaTransactions, target)).hanging.length === 0, {
    timeoutMs: 20_000,
  });
  expect((await valueNow(kafkaTransactions, target)).held.map(({ partition }) => partition)).toEqual([0]);
  await open.transaction.commit();
});

test('kafka.isr, with a broker killed', async () => {
  const { target } = await prepared();
  await stack.kill('kafka-3');
  const value = await waitFor(
    'the ISRs to shrink',
    async () => {
      const now = await valueNow(kafkaIsr, target);
      return now.counts['under-replicated'] === 15 ? now : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
  const [lacking = '', underMin = '', leaderless = ''] = await outputsOf(kafkaIsr, target, value);
  await stack.start('kafka-3', signal);
  const ours = ({ topic = '' }: { topic?: string | undefined }) => Object.values(target.roles.topics).includes(topic);
  const named = (text: string) =>
    text
      .split('\n')
      .map((line) => /Topic: (?<topic>\S+)\s+Partition: (?<partition>\d+)/.exec(line)?.groups ?? {})
      .filter(ours)
      .map(({ topic, partition }) => `${topic}/${partition}`)
      .sort();
  const read = (state: (typeof value.affected)[number]['states'][number]) =>
    value.affected
      .filter(({ states }) => states.includes(state))
      .map(({ topic, partition }) => `${topic}/${partition}`)
      .sort();
  expect(named(lacking)).toEqual(read('under-replicated'));
  expect(named(underMin)).toEqual(read('under-min-isr'));
  expect(named(leaderless)).toEqual(read('leaderless'));
  expect(read('under-replicated')).toHaveLength(15);
});

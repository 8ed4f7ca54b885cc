import { EngineError } from '../errors.ts';
import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type ActiveProducer, describeProducers } from './wire/describe-producers.ts';
import { type DescribedTransaction, describeTransactions } from './wire/describe-transactions.ts';
import { type FetchFrom, fetchFrom } from './wire/fetch.ts';
import type { BrokerAddress } from './wire/link.ts';
import type { TopicPartitions } from './wire/list-offsets.ts';
import { type ListedTransaction, listTransactions } from './wire/list-transactions.ts';
import type { FetchedBatch } from './wire/record-batches.ts';
import { unknownFor, type WireRequest } from './wire/request.ts';

export interface ProducersOfPartition {
  readonly topic: string;
  readonly partition: number;
  readonly producers: Part<readonly ActiveProducer[]>;
}

/** What one broker coordinates. */
export interface BrokerTransactions {
  readonly nodeId: number;
  readonly address: BrokerAddress;
  readonly transactions: Part<readonly ListedTransaction[]>;
}

export interface PartitionBatches {
  readonly topic: string;
  readonly partition: number;
  readonly batches: Part<readonly FetchedBatch[]>;
}

type OnePartition = { readonly topic: string; readonly partition: number };

export async function readProducers(
  brokers: Brokers,
  wanted: readonly TopicPartitions[],
): Promise<readonly ProducersOfPartition[]> {
  const partitions = wanted.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
  const answers = await askLeaders(brokers, partitions, (asked) => describeProducers(grouped(asked)));
  return answers.map(({ topic, partition, answer }) => ({
    topic,
    partition,
    producers: answer.known ? known(answer.value.producers) : answer,
  }));
}

export async function fetchBatchesOf(
  brokers: Brokers,
  from: readonly FetchFrom[],
  bytesMax: number,
): Promise<readonly PartitionBatches[]> {
  const answers = await askLeaders(brokers, from, (asked) =>
    fetchFrom(asked, { partition: bytesMax, all: bytesMax * asked.length }),
  );
  return answers.map(({ topic, partition, answer }) => ({
    topic,
    partition,
    batches: answer.known ? known(answer.value.batches) : answer,
  }));
}

/** One request a leader, all at once. A leader that fails makes its own partitions unknown. */
async function askLeaders<Asked extends OnePartition, Answer extends OnePartition & { readonly errorCode: number }>(
  brokers: Brokers,
  partitions: readonly Asked[],
  request: (asked: readonly Asked[]) => WireRequest<readonly Answer[]>,
): Promise<readonly (OnePartition & { readonly answer: Part<Answer> })[]> {
  if (partitions.length === 0) return [];
  const cluster = await brokers.metadata([...new Set(partitions.map(({ topic }) => topic))]);
  const leaderOf = ({ topic, partition }: OnePartition): BrokerAddress | undefined => {
    const { partitions: led = [] } = cluster.topics.find((one) => one.topic === topic) ?? {};
    const leader = led.find((one) => one.partition === partition)?.leader;
    const broker = cluster.brokers.find(({ nodeId }) => nodeId === leader);
    return broker && `${broker.host}:${broker.port}`;
  };
  const asking = [...Map.groupBy(partitions, leaderOf)].map(async ([address, asked]) => {
    const all = (answer: Part<Answer>) => asked.map(({ topic, partition }) => ({ topic, partition, answer }));
    if (address === undefined) return all(unknownPart('the partition has no leader'));
    try {
      const answers = await brokers.link(address).ask(request(asked));
      return answers.map((one) => ({
        topic: one.topic,
        partition: one.partition,
        answer: one.errorCode === 0 ? known(one) : unknownFor<Answer>(one.errorCode),
      }));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return all(unknownPart(error.message));
    }
  });
  return (await Promise.all(asking)).flat();
}

export async function readTransactions(
  brokers: Brokers,
  filter: Parameters<typeof listTransactions>[0],
): Promise<readonly BrokerTransactions[]> {
  const cluster = await brokers.metadata([]);
  return Promise.all(
    cluster.brokers.map(async ({ nodeId, host, port }): Promise<BrokerTransactions> => {
      const address = `${host}:${port}`;
      try {
        const { errorCode, transactions } = await brokers.link(address).ask(listTransactions(filter));
        return { nodeId, address, transactions: errorCode === 0 ? known(transactions) : unknownFor(errorCode) };
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        return { nodeId, address, transactions: unknownPart(error.message) };
      }
    }),
  );
}

export async function describeAt(
  brokers: Brokers,
  coordinator: BrokerAddress,
  transactionalIds: readonly string[],
): Promise<ReadonlyMap<string, Part<DescribedTransaction>>> {
  const answers = await brokers.link(coordinator).ask(describeTransactions(transactionalIds));
  return new Map(
    answers.map((answer) => [
      answer.transactionalId,
      answer.errorCode === 0 ? known(answer) : unknownFor<DescribedTransaction>(answer.errorCode),
    ]),
  );
}

function grouped(partitions: readonly OnePartition[]): readonly TopicPartitions[] {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, ones]) => ({
    topic,
    partitions: ones.map(({ partition }) => partition),
  }));
}

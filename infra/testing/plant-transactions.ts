import type { Kafka, Producer, Transaction } from 'kafkajs';
import { onTestFinished } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { type InternalBroker, internalCluster } from '../kafka/internal-cluster.ts';
import { openLinks } from '../kafka/wire/link.ts';
import type { WireRequest } from '../kafka/wire/request.ts';

/** A transactional producer of kafkajs, with one transaction begun. Left open at the end of the test it is aborted by its timeout. */
export async function beginTransaction(
  kafka: Kafka,
  transactionalId: string,
  { transactionTimeout = 60_000 } = {},
): Promise<{ readonly producer: Producer; readonly transaction: Transaction }> {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1, transactionTimeout });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return { producer, transaction: await producer.transaction() };
}

/** What kafkajs' broker can do and its public API does not show. */
interface ProducingBroker extends InternalBroker {
  initProducerId(options: {
    readonly transactionalId: string;
    readonly transactionTimeout: number;
  }): Promise<{ readonly producerId: string; readonly producerEpoch: number }>;
  produce(options: {
    readonly transactionalId: string;
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly acks: number;
    readonly timeout: number;
    readonly topicData: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly firstSequence: number;
        readonly messages: readonly object[];
      }[];
    }[];
  }): Promise<unknown>;
}

/**
 * A transaction that no coordinator knows (KIP-664): records are sent in its name to a partition that was never added to
 * it. Brokers refuse that since 3.6, so their check is switched off for the moment and on again.
 */
export async function plantHangingTransaction(
  kafka: Kafka,
  {
    topic,
    partition,
    transactionalId,
    records,
  }: { topic: string; partition: number; transactionalId: string; records: number },
): Promise<{ readonly producerId: bigint; readonly producerEpoch: number }> {
  const cluster = internalCluster(kafka);
  await cluster.connect();
  onTestFinished(() => cluster.disconnect());
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadata();
  const coordinator = (await cluster.findGroupCoordinator({
    groupId: transactionalId,
    coordinatorType: 1,
  })) as ProducingBroker;
  const { producerId, producerEpoch } = await coordinator.initProducerId({
    transactionalId,
    transactionTimeout: 10_000,
  });
  const led = cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
  const leader = (await cluster.findBroker({ nodeId: String(led?.leader) })) as ProducingBroker;
  const messages = Array.from({ length: records }, () => {
    return { key: 'k', value: 'hanging', timestamp: systemClock.now(), headers: {} };
  });
  await switchVerification(kafka, led?.leader ?? -1, 'false');
  try {
    const send = () =>
      leader.produce({
        ...{ transactionalId, producerId, producerEpoch, acks: -1, timeout: 5_000 },
        topicData: [{ topic, partitions: [{ partition, firstSequence: 0, messages }] }],
      });
    // The setting takes a moment to arrive; until then the broker refuses, and nothing is written.
    await waitFor('the broker to take it', () => send().then(() => true, refused), { timeoutMs: 15_000 });
  } finally {
    await switchVerification(kafka, led?.leader ?? -1, null);
  }
  return { producerId: BigInt(producerId), producerEpoch };
}

function refused(error: unknown): false {
  if ((error as { type?: unknown }).type === 'INVALID_TXN_STATE') return false;
  throw error;
}

/** @param value null: back to the default. */
async function switchVerification(kafka: Kafka, nodeId: number, value: string | null): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  await admin.disconnect();
  const broker = brokers.find((one) => one.nodeId === nodeId);
  if (broker === undefined) throw new Error(`broker ${nodeId} is not in the cluster`);
  const link = openLinks(kafka, { clock: systemClock, timeoutMs: 10_000 })(`${broker.host}:${broker.port}`);
  try {
    const errorCode = await link.ask(alterBrokerConfig(nodeId, 'transaction.partition.verification.enable', value));
    if (errorCode !== 0) throw new Error(`the broker refused the setting: error ${errorCode}`);
  } finally {
    link.close();
  }
}

/** IncrementalAlterConfigs v1 of one setting of one broker; kafkajs has only the request that resets all others. */
function alterBrokerConfig(nodeId: number, setting: string, value: string | null): WireRequest<number> {
  const [brokerResource, set, remove] = [4, 0, 1];
  return {
    apiKey: 44,
    apiVersion: 1,
    apiName: 'IncrementalAlterConfigs',
    flexible: true,
    encode(body) {
      body.compactArray([setting], (name) => {
        body.int8(brokerResource).compactString(String(nodeId));
        body.compactArray([name], () => {
          body.compactString(name).int8(value === null ? remove : set);
          if (value === null) body.unsignedVarint(0);
          else body.compactString(value);
          body.noTags();
        });
        body.noTags();
      });
      body.boolean(false).noTags();
    },
    decode(body) {
      body.int32(); // throttle time
      return (
        body.compactArray(() => {
          const errorCode = body.int16();
          body.compactString(); // the error in words
          body.int8(); // resource type
          body.compactString(); // resource name
          return errorCode;
        })[0] ?? 0
      );
    },
  };
}

/** What a consumer that reads committed is given from the start on, up to a record with this value. */
export async function readCommitted(
  kafka: Kafka,
  { topic, groupId, last }: { readonly topic: string; readonly groupId: string; readonly last: string },
): Promise<readonly string[]> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
  const seen: string[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => void seen.push(String(message.value)),
    });
    await waitFor(`the record ${last}`, () => seen.includes(last), { timeoutMs: 20_000 });
    return seen;
  } finally {
    await consumer.disconnect();
  }
}

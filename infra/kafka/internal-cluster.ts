import type { Kafka } from 'kafkajs';
import type { WireBroker } from './wire/link.ts';

/**
 * The door to kafkajs' own cluster and brokers, behind a symbol: for the requests its public API lacks or hides (high
 * watermark, log end offset, evicting a member). Every use is in infra/kafka.
 */
export interface InternalCluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  /** Call after connect: brokers are not known before. */
  refreshMetadata(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findBroker(options: { readonly nodeId: string }): Promise<InternalBroker>;
  findGroupCoordinator(options: {
    readonly groupId: string;
    readonly coordinatorType?: 0 | 1;
  }): Promise<InternalBroker>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
}

export interface InternalBroker extends WireBroker {
  readonly nodeId: number | string;
  describeGroups(options: { readonly groupIds: readonly string[] }): Promise<{
    readonly groups: readonly {
      readonly groupId: string;
      readonly state: string;
      readonly members: readonly { readonly memberId: string; readonly clientId: string }[];
    }[];
  }>;
  leaveGroup(options: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
  /** @throws a KafkaJSProtocolError for the first partition that is refused. */
  offsetCommit(options: {
    readonly groupId: string;
    readonly groupGenerationId: number;
    readonly memberId: string;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }): Promise<unknown>;
}

/** @param kafka a client of `kafkaClient`, which has the patches in. */
export function internalCluster(kafka: Kafka): InternalCluster {
  const door = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  if (door === undefined) throw new Error('this kafkajs has no createCluster symbol; 2.2.4 has');
  const create = (kafka as unknown as Record<symbol, (options: object) => InternalCluster>)[door];
  if (create === undefined) throw new Error('kafkajs createCluster is no function');
  return create.call(kafka, { allowAutoTopicCreation: false, isolationLevel: 0, metadataMaxAge: 300_000 });
}

import type { WireRequest } from './request.ts';

export interface Metadata {
  readonly clusterId: string | null;
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly topics: readonly TopicMetadata[];
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly topic: string;
  readonly partitions: readonly PartitionMetadata[];
}

export interface PartitionMetadata {
  /** LEADER_NOT_AVAILABLE (5) where no replica can lead. */
  readonly errorCode: number;
  readonly partition: number;
  /** Node id, -1 for none. */
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  readonly offline: readonly number[];
}

/** Metadata v6. @param topics null for all. Never creates a topic. The controller it names is a random broker in KRaft. */
export function metadata(topics: readonly string[] | null): WireRequest<Metadata> {
  return {
    apiKey: 3,
    apiVersion: 6,
    apiName: 'Metadata',
    flexible: false,
    encode: (body) => void body.array(topics, (topic) => body.string(topic)).boolean(false),
    decode(body) {
      body.int32(); // throttle time
      const brokers = body.array(() => {
        const broker = { nodeId: body.int32(), host: body.string(), port: body.int32() };
        body.nullableString(); // rack
        return broker;
      });
      const clusterId = body.nullableString();
      body.int32(); // controller id
      const topics = body.array(() => {
        const errorCode = body.int16();
        const topic = body.string();
        body.boolean(); // internal
        return {
          errorCode,
          topic,
          partitions: body.array(() => ({
            errorCode: body.int16(),
            partition: body.int32(),
            leader: body.int32(),
            replicas: body.array(() => body.int32()),
            isr: body.array(() => body.int32()),
            offline: body.array(() => body.int32()),
          })),
        };
      });
      return { clusterId, brokers, topics };
    },
  };
}

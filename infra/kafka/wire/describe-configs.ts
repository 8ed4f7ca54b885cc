import type { WireRequest } from './request.ts';

export interface TopicConfig {
  readonly errorCode: number;
  readonly topic: string;
  /** Setting → value in effect, wherever it comes from; null where the broker keeps it secret. */
  readonly settings: ReadonlyMap<string, string | null>;
}

const topicResource = 2;

/** DescribeConfigs v2: some settings of many topics, as they are in effect. */
export function describeTopicConfigs(
  topics: readonly string[],
  settings: readonly string[],
): WireRequest<readonly TopicConfig[]> {
  return {
    apiKey: 32,
    apiVersion: 2,
    apiName: 'DescribeConfigs',
    flexible: false,
    encode(body) {
      body.array(topics, (topic) => {
        body.int8(topicResource).string(topic);
        body.array(settings, (setting) => body.string(setting));
      });
      body.boolean(false); // no synonyms
    },
    decode(body) {
      body.int32(); // throttle time
      return body.array(() => {
        const errorCode = body.int16();
        body.nullableString(); // the error in words
        body.int8(); // resource type
        const topic = body.string();
        const entries = body.array(() => {
          const entry = [body.string(), body.nullableString()] as const;
          body.boolean(); // read-only
          body.int8(); // source
          body.boolean(); // sensitive
          body.array(() => [body.string(), body.nullableString(), body.int8()]); // synonyms
          return entry;
        });
        return { errorCode, topic, settings: new Map(entries) };
      });
    },
  };
}

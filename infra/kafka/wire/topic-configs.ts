import type { WireRequest } from './request.ts';

export interface TopicConfigs {
  readonly topic: string;
  readonly errorCode: number;
  readonly values: ReadonlyMap<string, string>;
}

/** DescribeConfigs v2 of many topics, only the named settings; any broker answers. Needs DESCRIBE_CONFIGS. */
export function topicConfigs(
  topics: readonly string[],
  names: readonly string[],
): WireRequest<readonly TopicConfigs[]> {
  const topicResource = 2;
  return {
    apiKey: 32,
    apiVersion: 2,
    apiName: 'DescribeConfigs',
    flexible: false,
    encode(body) {
      body.array(topics, (topic) => {
        body.int8(topicResource).string(topic);
        body.array(names, (name) => body.string(name));
      });
      body.boolean(false); // synonyms
    },
    decode(body) {
      body.int32(); // throttle time
      return body.array(() => {
        const errorCode = body.int16();
        body.nullableString(); // error message
        body.int8(); // resource type
        const topic = body.string();
        const values = body.array(() => {
          const entry = [body.string(), body.nullableString() ?? ''] as const;
          body.boolean(); // read only
          body.int8(); // source
          body.boolean(); // sensitive
          body.array(() => [body.string(), body.nullableString(), body.int8()]); // synonyms
          return entry;
        });
        return { topic, errorCode, values: new Map(values) };
      });
    },
  };
}

import type { WireRequest } from './request.ts';

export interface ResourceConfig {
  readonly errorCode: number;
  /** Of the topic or the group. */
  readonly name: string;
  /** Setting → value in effect, wherever it comes from; null where the broker keeps it secret. */
  readonly settings: ReadonlyMap<string, string | null>;
}

/** Resource types (ConfigResource.Type); groups have settings since Kafka 3.8. */
const resourceTypes = { topic: 2, group: 32 } as const;
export type ConfiguredResource = keyof typeof resourceTypes;

/** DescribeConfigs v2: some settings of many topics, or of many groups, as they are in effect. */
export function describeConfigs(
  resource: ConfiguredResource,
  names: readonly string[],
  settings: readonly string[],
): WireRequest<readonly ResourceConfig[]> {
  return {
    apiKey: 32,
    apiVersion: 2,
    apiName: 'DescribeConfigs',
    flexible: false,
    encode(body) {
      body.array(names, (name) => {
        body.int8(resourceTypes[resource]).string(name);
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
        const name = body.string();
        const entries = body.array(() => {
          const entry = [body.string(), body.nullableString()] as const;
          body.boolean(); // read-only
          body.int8(); // source
          body.boolean(); // sensitive
          body.array(() => [body.string(), body.nullableString(), body.int8()]); // synonyms
          return entry;
        });
        return { errorCode, name, settings: new Map(entries) };
      });
    },
  };
}

import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { describeTopicConfigs } from './wire/describe-configs.ts';
import { unknownFor } from './wire/request.ts';

/** Topic → setting → value in effect; unknown where the topic is missing or its settings may not be read. */
export type ByTopicSettings = ReadonlyMap<string, Part<ReadonlyMap<string, string | null>>>;

/** Any broker knows them all. @throws EngineError when no broker answers. */
export async function readTopicSettings(
  brokers: Brokers,
  topics: readonly string[],
  settings: readonly string[],
): Promise<ByTopicSettings> {
  if (topics.length === 0) return new Map();
  const answers = await brokers.askAny(describeTopicConfigs(topics, settings), 'settings');
  const found = new Map(answers.map((answer) => [answer.topic, answer]));
  return new Map(
    topics.map((topic) => {
      const answer = found.get(topic);
      if (answer === undefined) return [topic, unknownPart('not in the answer')];
      return [topic, answer.errorCode === 0 ? known(answer.settings) : unknownFor(answer.errorCode)];
    }),
  );
}

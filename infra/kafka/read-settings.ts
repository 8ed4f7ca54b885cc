import { known, type Part, unknownPart } from '../probes/reading.ts';
import type { Brokers } from './brokers.ts';
import { type ConfiguredResource, describeConfigs } from './wire/describe-configs.ts';
import { unknownFor } from './wire/request.ts';

/** Name → setting → value in effect; unknown where the topic is missing or the settings may not be read. */
export type SettingsByName = ReadonlyMap<string, Part<ReadonlyMap<string, string | null>>>;

/** Any broker knows them all. @throws EngineError when no broker answers. */
export async function readSettings(
  brokers: Brokers,
  { resource, names }: { readonly resource: ConfiguredResource; readonly names: readonly string[] },
  settings: readonly string[],
): Promise<SettingsByName> {
  if (names.length === 0) return new Map();
  const answers = await brokers.askAny(describeConfigs(resource, names, settings), 'settings');
  const found = new Map(answers.map((answer) => [answer.name, answer]));
  return new Map(
    names.map((name) => {
      const answer = found.get(name);
      if (answer === undefined) return [name, unknownPart('not in the answer')];
      return [name, answer.errorCode === 0 ? known(answer.settings) : unknownFor(answer.errorCode)];
    }),
  );
}

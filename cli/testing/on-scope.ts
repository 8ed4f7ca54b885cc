import type { Endpoints } from '../../infra/stack/stack.ts';
import { labTarget } from '../../infra/target.ts';
import type { CommandRecord, Outcome, RawInput } from '../command.ts';
import { createContext } from '../context.ts';
import { recordingHost } from './recording-host.ts';

/**
 * Runs a command as the program does, on a scope of its own instead of the lab.
 * @returns its one outcome. @throws what the command throws.
 */
export async function runOnScope(
  record: CommandRecord,
  raw: RawInput,
  { endpoints, scope, language = 'en' }: { endpoints: Endpoints; scope: string; language?: 'ko' | 'en' | undefined },
): Promise<Outcome> {
  const { host } = recordingHost('');
  const context = {
    ...createContext({ ...host, language, json: true }),
    endpoints: async () => endpoints,
    openTarget: async () => labTarget(endpoints, scope),
  };
  for await (const outcome of record.prepare(raw).run(context).outcomes) return outcome;
  throw new Error(`${record.path.join(' ')} gave no outcome`);
}

import type { Config } from '../config.ts';
import { run } from '../process.ts';
import { fetchKafkaTools } from '../stack/native/fetch/fetch-engines.ts';
import { writeShims } from '../stack/native/shims.ts';

/** Runs a line as an operator would: pasted into a shell. @throws Error with what it said when it fails. */
export type ToolsRun = (line: string) => Promise<string>;

/** Kafka's own tools on the PATH; fetched when they are first wanted. */
export async function kafkaTools(config: Config): Promise<ToolsRun> {
  const { signal } = new AbortController();
  await fetchKafkaTools({ config, env: process.env, onEvent: () => {}, signal });
  const tools = await writeShims(config);
  return async (line) => {
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
    const { problem, stdout, stderr } = await run('sh', ['-c', line], { timeoutMs: 120_000, env });
    if (problem !== undefined) throw new Error(`${line}\n${problem}\n${stderr}`);
    return stdout;
  };
}

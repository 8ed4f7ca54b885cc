import { join } from 'node:path';
import type { Config } from '../config.ts';
import { run, spawnDaemon, terminate } from '../process.ts';
import { fetchKafkaTools } from '../stack/native/fetch/fetch-engines.ts';
import { writeShims } from '../stack/native/shims.ts';

/** Kafka's own tools, as an operator has them on the PATH. */
export interface KafkaTools {
  /** A line pasted into a shell. @throws Error with what it said when it fails. */
  run(line: string): Promise<string>;
  /** One that goes on. @returns what ends it. */
  start(line: string): Promise<() => Promise<void>>;
}

/** Fetched when they are first wanted. */
export async function kafkaTools(config: Config): Promise<KafkaTools> {
  const { signal } = new AbortController();
  await fetchKafkaTools({ config, env: process.env, onEvent: () => {}, signal });
  const env = { ...process.env, PATH: `${await writeShims(config)}:${process.env.PATH}` };
  return {
    async run(line) {
      const { problem, stdout, stderr } = await run('sh', ['-c', line], { timeoutMs: 120_000, env });
      if (problem !== undefined) throw new Error(`${line}\n${problem}\n${stderr}`);
      return stdout;
    },
    async start(line) {
      const logFile = join(config.stateDir, 'test-tool.log');
      const tool = await spawnDaemon('sh', ['-c', `exec ${line}`], { logFile, env });
      return () => terminate(tool, 10_000);
    },
  };
}

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify, spawnDaemon } from '../infra/process.ts';
import type { StackEvent } from '../infra/stack/stack.ts';
import type { Context } from './context.ts';
import { rateText } from './rate.ts';
import { followUp } from './up-events.ts';

/**
 * Starts `labctl up` as a process of its own, so that closing the console stops nothing, and gives its events.
 * @param load transfers a second of the demo to start with it; absent: the demo is left as it is.
 */
export async function backgroundUp(context: Context, load: number | undefined): Promise<AsyncIterable<StackEvent>> {
  const { self, env, language, clock, signal } = context;
  // Here and not in the child: the console that follows must look at the same stack.
  await context.stackToBringUp();
  const folder = join((await context.config()).stateDir, 'up');
  mkdirSync(folder, { recursive: true });
  await removeOldFiles(folder);
  const file = join(folder, `${process.pid}.ndjson`);
  const logFile = join(folder, `${process.pid}.log`);
  const asked = load === undefined ? [] : ['--load', rateText(load)];
  const child = await spawnDaemon(
    self.command,
    [...self.args, 'up', '--json-events', file, '--lang', language, ...asked],
    { logFile, env },
  );
  return followUp({ file, child, logFile, clock, signal });
}

/** Files whose names begin with the pid of the process that follows them, where it is gone. */
export async function removeOldFiles(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const pid = Number.parseInt(name, 10);
    if (Number.isNaN(pid) || (await identify(pid)) === undefined) rmSync(join(folder, name), { force: true });
  }
}

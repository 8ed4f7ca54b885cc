import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { waitFor } from '../infra/clock.ts';
import { EngineError } from '../infra/errors.ts';
import { isAlive, spawnDaemon } from '../infra/process.ts';
import type { Language } from '../infra/text.ts';
import { removeOldFiles } from './background-up.ts';
import type { Context } from './context.ts';

/** What a command says at its end as JSON: its own document, or that of an error. */
const endDocument = z.object({
  schema: z.string(),
  error: z.object({ message: z.string(), why: z.string().optional() }).optional(),
});

/** An orderly restart of a broker on a busy machine, behind somebody else's `up`. */
const orderTimeoutMs = 10 * 60_000;

/**
 * Runs a command of this program as a process of its own, which goes on when this one ends, and waits for its result.
 * @param words what follows `labctl`.
 * @throws EngineError with the command's own words when it fails; InterruptedError when we are told to stop.
 */
export async function runInBackground(
  context: Pick<Context, 'self' | 'env' | 'clock' | 'signal' | 'config'>,
  words: readonly string[],
  language: Language,
): Promise<void> {
  const { self, env, clock, signal } = context;
  const folder = join((await context.config()).stateDir, 'console');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  await removeOldFiles(folder);
  const logFile = join(folder, `${process.pid}-${Math.round(clock.monotonic() * 1_000)}.out`);
  const child = await spawnDaemon(self.command, [...self.args, ...words, '--json', '--lang', language], {
    logFile,
    env,
  });
  const ended = async (): Promise<boolean> => !(await isAlive(child));
  await waitFor(words.join(' '), ended, { timeoutMs: orderTimeoutMs, intervalMs: 50, signal, clock });
  const end = endOf(readFileSync(logFile, 'utf8'));
  rmSync(logFile, { force: true });
  if (end === undefined) throw new EngineError('machine', died, { tryThis: [`labctl ${words.join(' ')}`] });
  if (end.error !== undefined) {
    const { message, why } = end.error;
    throw new EngineError('machine', why === undefined ? message : `${message} (${why})`);
  }
}

const died = { ko: '명령이 끝맺지 못하고 죽었습니다', en: 'the command died on the way' };

/** Words for people stand around it; only the document has lines that are a brace and nothing else. */
export function endOf(output: string): z.infer<typeof endDocument> | undefined {
  const text = /^\{$[\s\S]*?^\}$/m.exec(output)?.[0];
  return text === undefined ? undefined : endDocument.parse(JSON.parse(text));
}

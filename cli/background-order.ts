import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { waitFor } from '../infra/clock.ts';
import { EngineError, type Words } from '../infra/errors.ts';
import { isAlive, spawnDaemon } from '../infra/process.ts';
import type { Language } from '../infra/text.ts';
import { removeOldFiles } from './background-up.ts';
import type { Context } from './context.ts';

/** What a command says at its end as JSON: its own document, or that of an error. */
const endDocument = z.object({
  schema: z.string(),
  /** A command's own result may have an `error` in words of its own. */
  error: z.union([z.object({ message: z.string(), why: z.string().optional() }), z.string()]).optional(),
});

/** Runs a command as it is, and writes beside its document how it ended: nobody can wait for a process of another session. */
const sayingItsExit = ['-c', '"$@"; echo "exit code $?"', 'sh'] as const;

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
  const command = [self.command, ...self.args, ...words, '--json', '--lang', language];
  const child = await spawnDaemon('/bin/sh', [...sayingItsExit, ...command], { logFile, env });
  const ended = async (): Promise<boolean> => !(await isAlive(child));
  await waitFor(words.join(' '), ended, { timeoutMs: orderTimeoutMs, intervalMs: 50, signal, clock });
  const end = endOf(readFileSync(logFile, 'utf8'));
  rmSync(logFile, { force: true });
  if (end === undefined) throw new EngineError('machine', died, { tryThis: [`labctl ${words.join(' ')}`] });
  const failure = failureOf(end);
  if (failure !== undefined) throw new EngineError('machine', failure);
}

/** @returns why the command has not done what it was told, in its own words where it has some. */
export function failureOf({ code, error }: OrderEnd): Words | undefined {
  if (code === 0) return undefined;
  if (typeof error === 'string') return error;
  if (error !== undefined) return error.why === undefined ? error.message : `${error.message} (${error.why})`;
  return { ko: `종료 코드 ${code}`, en: `exit code ${code}` };
}

const died = { ko: '명령이 끝맺지 못하고 죽었습니다', en: 'the command died on the way' };

interface OrderEnd extends z.infer<typeof endDocument> {
  readonly code: number;
}

/** Words for people stand around it; only the document has lines that are a brace and nothing else. */
export function endOf(output: string): OrderEnd | undefined {
  const text = /^\{$[\s\S]*?^\}$/m.exec(output)?.[0];
  const code = /^exit code (\d+)$/m.exec(output.trimEnd().split('\n').at(-1) ?? '')?.[1];
  if (text === undefined || code === undefined) return undefined;
  return { ...endDocument.parse(JSON.parse(text)), code: Number(code) };
}

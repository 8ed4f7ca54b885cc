import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../infra/clock.ts';
import { EngineError, RefusedError, UserError } from '../infra/errors.ts';
import { follow, lastLines } from '../infra/log-tail.ts';
import { isAlive, type ProcessIdentity } from '../infra/process.ts';
import { allNodeNames, type StackEvent } from '../infra/stack/stack.ts';
import type { Language } from '../infra/text.ts';
import { errorDocument } from './output/error.ts';

/**
 * `labctl up --json-events <file>`: what an `up` in the background tells a console, as lines of JSON in a file. A file
 * and not a pipe, so that closing the console stops nothing.
 */
const stackEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('fetch'),
    engine: z.string(),
    phase: z.enum(['start', 'progress', 'done']),
    note: z.string(),
  }),
  z.object({
    kind: z.literal('node'),
    node: z.enum(allNodeNames),
    phase: z.enum(['starting', 'ready', 'stopping', 'stopped']),
    note: z.string(),
  }),
  z.object({ kind: z.literal('note'), note: z.string() }),
]) satisfies z.ZodType<StackEvent>;

const upLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stack'), event: stackEvent }),
  z.object({ kind: z.literal('finished') }),
  z.object({
    kind: z.literal('failed'),
    error: z.object({
      kind: z.string(),
      message: z.string(),
      why: z.string().optional(),
      tryThis: z.array(z.string()),
    }),
  }),
]);
type UpLine = z.infer<typeof upLine>;

export interface UpEventFile {
  event(event: StackEvent): void;
  finished(): void;
  failed(error: unknown, language: Language): void;
}

/** Begins the file anew. */
export function upEventFile(file: string): UpEventFile {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  const append = (line: UpLine): void => appendFileSync(file, `${JSON.stringify(line)}\n`);
  return {
    event: (event) => append({ kind: 'stack', event }),
    finished: () => append({ kind: 'finished' }),
    failed(error, language) {
      const { kind, message, why, tryThis } = errorDocument(error, language).error;
      append({
        kind: 'failed',
        error: { kind, message, tryThis: [...tryThis], ...(why === undefined ? {} : { why }) },
      });
    },
  };
}

export interface FollowUpOptions {
  readonly file: string;
  /** The `up` itself: when it is gone without a last line, nobody will write one. */
  readonly child: ProcessIdentity;
  readonly logFile: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * The events of an `up` that runs in another process, until it is finished.
 * @throws the error of that `up`; EngineError when it died without a word.
 */
export async function* followUp({ file, child, logFile, clock, signal }: FollowUpOptions): AsyncGenerator<StackEvent> {
  const stop = new AbortController();
  const lines = follow(file, { from: 0, clock, intervalMs: 100, signal: AbortSignal.any([signal, stop.signal]) });
  const stopWatching = clock.every(500, async () => {
    if (!(await isAlive(child))) stop.abort();
  });
  try {
    for await (const text of lines) {
      const line = parse(text);
      if (line.kind === 'stack') yield line.event;
      else return endWith(line);
    }
    if (signal.aborted) return;
    // It is gone; its last words may have come between our last look and its end.
    const last = lastLines(file, 1).map(parse).at(0);
    if (last !== undefined && last.kind !== 'stack') return endWith(last);
    throw new EngineError('machine', died, { tryThis: [`tail ${logFile}`, 'labctl up'] });
  } finally {
    stopWatching();
    stop.abort();
  }
}

const died = { ko: '`labctl up`이 끝맺지 못하고 죽었습니다', en: '`labctl up` died on the way' };

type EndLine = Exclude<UpLine, { kind: 'stack' }>;

const parse = (text: string): UpLine => upLine.parse(JSON.parse(text));

function endWith(line: EndLine): void {
  if (line.kind === 'failed') throw revived(line.error);
}

function revived({ kind, message, why, tryThis }: Extract<UpLine, { kind: 'failed' }>['error']): Error {
  const details = { tryThis, ...(why === undefined ? {} : { why }) };
  if (kind === 'usage') return new UserError(message, details);
  if (kind === 'refused') return new RefusedError(message, details);
  return new EngineError('machine', message, details);
}

import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { type Clock, systemClock } from './clock.ts';

const chunkBytes = 64 * 1024;

/**
 * The last `count` lines of a file, read from its end: a log of any size costs what its tail costs.
 * @param end where the tail ends, in bytes, for a reader that follows from there; the end of the file where absent.
 * @returns an empty list when the file does not exist.
 */
export function lastLines(file: string, count: number, end: number = sizeOf(file)): readonly string[] {
  if (end === 0 || count === 0) return [];
  const handle = openSync(file, 'r');
  try {
    let from = end;
    let tail = Buffer.alloc(0);
    // One newline more than lines: the one before the first of them.
    while (from > 0 && newlines(tail) <= count) {
      const length = Math.min(chunkBytes, from);
      from -= length;
      const chunk = Buffer.alloc(length);
      readSync(handle, chunk, 0, length, from);
      tail = Buffer.concat([chunk, tail]);
    }
    const lines = tail.toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count);
  } finally {
    closeSync(handle);
  }
}

/** In bytes; 0 when it does not exist. */
export function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function newlines(buffer: Buffer): number {
  let found = 0;
  for (const byte of buffer) if (byte === 0x0a) found++;
  return found;
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  readonly intervalMs?: number;
  /** Where to begin, in bytes; its end where absent. */
  readonly from?: number;
}

/**
 * Lines as they are appended, across a rotation (the file is renamed and made anew) and a truncation. Waits for a file
 * that is not there yet. Ends when the signal aborts.
 */
export async function* follow(
  file: string,
  { signal, clock = systemClock, intervalMs = 200, from }: FollowOptions,
): AsyncGenerator<string, void, void> {
  let reader = openReader(file, from);
  try {
    while (!signal.aborted) {
      reader ??= openReader(file, 0);
      const lines = reader?.read() ?? [];
      yield* lines;
      if (lines.length > 0) continue;
      if (reader?.isReplaced()) {
        reader.close();
        reader = undefined;
        continue;
      }
      await clock.sleep(intervalMs, signal).catch(() => {});
    }
  } finally {
    reader?.close();
  }
}

interface Reader {
  /** Whole lines since the last call, at most a chunk of them. */
  read(): readonly string[];
  /** The name belongs to another file now, or this one was cut. */
  isReplaced(): boolean;
  close(): void;
}

function openReader(file: string, from: number | undefined): Reader | undefined {
  if (!existsSync(file)) return undefined;
  const handle = openSync(file, 'r');
  const decoder = new StringDecoder('utf8');
  const chunk = Buffer.alloc(chunkBytes);
  let position = from ?? fstatSync(handle).size;
  let unfinished = '';
  return {
    read() {
      const length = readSync(handle, chunk, 0, chunkBytes, position);
      position += length;
      const lines = `${unfinished}${decoder.write(chunk.subarray(0, length))}`.split('\n');
      unfinished = lines.pop() ?? '';
      return lines;
    },
    isReplaced() {
      if (!existsSync(file)) return false;
      const now = statSync(file);
      return now.ino !== fstatSync(handle).ino || now.size < position;
    },
    close: () => closeSync(handle),
  };
}

import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from './clock.ts';

export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

const maxLogBytes = 8 * 1024 * 1024;

/** Appends one JSON line an entry; at 8 MiB the file becomes `<file>.1`, so a log never holds more than twice that. */
export function fileLogger(file: string, bound: LogFields = {}, clock = systemClock): Logger {
  mkdirSync(dirname(file), { recursive: true });
  let written = sizeOf(file);
  const write = (level: string, message: string, fields: LogFields = {}): void => {
    const line = `${JSON.stringify({ at: new Date(clock.now()).toISOString(), level, ...bound, message, ...fields })}\n`;
    if (written + line.length > maxLogBytes) {
      renameSync(file, `${file}.1`);
      written = 0;
    }
    appendFileSync(file, line);
    written += line.length;
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

import { existsSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { follow, lastLines, sizeOf } from '../log-tail.ts';
import type { LogOptions } from './stack.ts';

/** @throws UserError when there is no such file yet. */
export async function* logLines(file: string, name: string, options: LogOptions): AsyncGenerator<string> {
  if (!existsSync(file)) throw noLogYet(file, name);
  // One border for both, so that no line falls between tail and new lines, and none comes twice.
  const end = sizeOf(file);
  yield* lastLines(file, options.lines, end);
  if (options.follow) yield* follow(file, { from: end, signal: options.signal });
}

function noLogYet(file: string, name: string): UserError {
  return new UserError(
    { ko: `${name}은(는) 아직 로그를 쓰지 않았습니다`, en: `${name} has written no log yet` },
    { why: { ko: `${file}이(가) 없습니다`, en: `there is no ${file}` }, tryThis: ['labctl up', 'labctl status'] },
  );
}

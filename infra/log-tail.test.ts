import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { within } from './clock.ts';
import { follow, lastLines } from './log-tail.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-tail-'));
  file = join(folder, 'engine.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the last lines of a file, fewer where it has fewer, none where it is missing', () => {
  expect(lastLines(file, 3)).toEqual([]);
  writeFileSync(file, 'a\nb\nc\nd\n');
  expect(lastLines(file, 2)).toEqual(['c', 'd']);
  expect(lastLines(file, 9)).toEqual(['a', 'b', 'c', 'd']);
  expect(lastLines(file, 0)).toEqual([]);
  appendFileSync(file, 'unfinished');
  expect(lastLines(file, 2)).toEqual(['d', 'unfinished']);
});

test('a tail longer than one chunk, with Hangul over the chunk border', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `${index} 브로커가 준비되었습니다`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  expect(lastLines(file, 4_000)).toEqual(lines.slice(-4_000));
});

async function take(source: AsyncGenerator<string>, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await within('the next line', 5_000, source.next());
    if (done) break;
    taken.push(value);
  }
  return taken;
}

test('follows a file that is made later, appended to, rotated and truncated', async () => {
  const stop = new AbortController();
  const lines = follow(file, { signal: stop.signal, intervalMs: 5 });
  const first = take(lines, 1);
  writeFileSync(file, 'one\ntw');
  expect(await first).toEqual(['one']);

  appendFileSync(file, 'o\n');
  expect(await take(lines, 1)).toEqual(['two']);

  appendFileSync(file, 'last of the old\n');
  renameSync(file, `${file}.1`);
  writeFileSync(file, 'first of the new\n');
  expect(await take(lines, 2)).toEqual(['last of the old', 'first of the new']);

  truncateSync(file, 0);
  const after = take(lines, 1);
  await take(lines, 0);
  appendFileSync(file, 'x\n');
  expect(await after).toEqual(['x']);

  const end = lines.next();
  stop.abort();
  expect((await within('the end', 5_000, end)).done).toBe(true);
});

test('begins at the end of a file that exists, so that nothing is told twice', async () => {
  writeFileSync(file, 'old\n');
  const stop = new AbortController();
  const lines = follow(file, { signal: stop.signal, intervalMs: 5 });
  const next = take(lines, 1);
  appendFileSync(file, 'new\n');
  expect(await next).toEqual(['new']);
  stop.abort();
  await lines.return();
});

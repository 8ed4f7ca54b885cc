import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { InterruptedError, TimeoutError } from '../../errors.ts';
import { identify } from '../../process.ts';
import { lockProcess } from './process-lock.ts';

function lockFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock.json');
}

test('the second waits until the first gives it back, and is told who holds it', async () => {
  const file = lockFile();
  const first = await lockProcess({ file, timeoutMs: 1_000 });
  const waitedFor: number[] = [];
  const second = lockProcess({
    file,
    timeoutMs: 10_000,
    onWait: ({ pid }) => {
      waitedFor.push(pid);
      first.release();
    },
  });
  (await second).release();
  expect(waitedFor).toEqual([process.pid]);
  expect(existsSync(file)).toBe(false);
});

test.each([
  { what: 'a process that ended', content: JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }) },
  { what: 'a process whose pid somebody else has now', content: JSON.stringify({ pid: process.pid, startedAt: '1' }) },
  { what: 'nobody: the file is torn', content: '{"pid":' },
])('a lock of $what is taken over', async ({ content }) => {
  const file = lockFile();
  writeFileSync(file, content);
  const lock = await lockProcess({ file, timeoutMs: 1_000 });
  lock.release();
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('a living holder keeps it: the wait is bounded and can be interrupted', async () => {
  const file = lockFile();
  writeFileSync(file, JSON.stringify(await identify(process.pid)));
  await expect(lockProcess({ file, timeoutMs: 50 })).rejects.toThrow(TimeoutError);
  const stop = new AbortController();
  const waiting = lockProcess({ file, timeoutMs: 10_000, signal: stop.signal, onWait: () => stop.abort() });
  await expect(waiting).rejects.toThrow(InterruptedError);
  expect(existsSync(file)).toBe(true);
});

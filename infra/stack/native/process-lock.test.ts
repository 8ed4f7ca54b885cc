import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { InterruptedError, TimeoutError } from '../../errors.ts';
import { packageRoot } from '../../package-root.ts';
import { identify, run } from '../../process.ts';
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

test('one that removes a dead lock and is killed at it holds nobody up for long', async () => {
  const file = lockFile();
  writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }));
  writeFileSync(`${file}.discarding`, '');
  utimesSync(`${file}.discarding`, 0, 0);
  (await lockProcess({ file, timeoutMs: 5_000 })).release();
  expect(readdirSync(join(file, '..'))).toEqual([]);
});

test('what somebody else holds by now is not given back', async () => {
  const file = lockFile();
  const lock = await lockProcess({ file, timeoutMs: 1_000 });
  writeFileSync(file, JSON.stringify({ pid: 1, startedAt: '1' }));
  lock.release();
  expect(existsSync(file)).toBe(true);
});

test('holders that are killed: of many who want it, one at a time has it, and each gets its turn', async () => {
  const file = lockFile();
  const lock = JSON.stringify(join(packageRoot, 'infra', 'stack', 'native', 'process-lock.ts'));
  // The proof of holding it alone is a folder, which only one can make.
  const script = `
    const { lockProcess } = await import(${lock});
    const { mkdirSync, rmdirSync, appendFileSync } = await import('node:fs');
    const [file, name] = process.argv.slice(1);
    for (let turn = 0; turn < 4; turn++) {
      const held = await lockProcess({ file, timeoutMs: 30_000 });
      mkdirSync(file + '.alone');
      rmdirSync(file + '.alone');
      if (name === 'dies') process.kill(process.pid, 'SIGKILL');
      held.release();
    }
    appendFileSync(file + '.done', name + ' ');`;
  const args = (name: string) => ['--input-type=module', '--no-warnings', '-e', script, file, name];
  const names = ['one', 'dies', 'two', 'dies', 'three'];
  const results = await Promise.all(names.map((name) => run(process.execPath, args(name), { timeoutMs: 50_000 })));
  expect(results.map(({ stderr }) => stderr).join('')).toBe('');
  expect(readFileSync(`${file}.done`, 'utf8').trim().split(' ').sort()).toEqual(['one', 'three', 'two']);
}, 60_000);

import { expect, test } from 'vitest';
import { inParallel } from './parallel.ts';

test('the first failure stops the others, and is the one that is thrown', async () => {
  const ended: string[] = [];
  const untilStopped = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () => {
        ended.push('the other');
        reject(new Error('echo'));
      });
    });
  const failing = async () => {
    throw new Error('the cause');
  };
  await expect(inParallel(new AbortController().signal, [untilStopped, failing])).rejects.toThrow('the cause');
  expect(ended).toEqual(['the other']);
});

test('an abort from outside reaches every task', async () => {
  const stop = new AbortController();
  const seen: boolean[] = [];
  const task = async (signal: AbortSignal) => {
    stop.abort();
    seen.push(signal.aborted);
  };
  await inParallel(stop.signal, [task, task]);
  expect(seen).toEqual([true, true]);
});

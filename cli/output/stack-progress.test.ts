import { expect, test } from 'vitest';
import type { Clock } from '../../infra/clock.ts';
import { systemClock } from '../../infra/clock.ts';
import type { StackEvent } from '../../infra/stack/stack.ts';
import { stackProgress } from './stack-progress.ts';

function linesOf(live: boolean, events: readonly (readonly [atMs: number, event: StackEvent])[]): string[] {
  const lines: string[] = [];
  let nowMs = 1_000;
  const clock: Clock = { ...systemClock, monotonic: () => nowMs };
  const onEvent = stackProgress({ language: 'en', clock, live, print: (line) => lines.push(line) });
  for (const [atMs, event] of events) {
    nowMs = 1_000 + atMs;
    onEvent(event);
  }
  return lines;
}

const fetching = (note: string): StackEvent => ({ kind: 'fetch', engine: 'kafka', phase: 'progress', note });
const events: readonly (readonly [number, StackEvent])[] = [
  [0, { kind: 'fetch', engine: 'kafka', phase: 'start', note: '' }],
  [100, fetching('1 MB')],
  [500, fetching('5 MB')],
  [2_300, fetching('40 MB')],
  [16_000, fetching('120 MB')],
  [17_000, { kind: 'fetch', engine: 'kafka', phase: 'done', note: '4.4.0' }],
  [17_100, { kind: 'node', node: 'kafka-1', phase: 'starting', note: '' }],
  [21_050, { kind: 'node', node: 'kafka-1', phase: 'ready', note: 'port 19092' }],
  [21_060, { kind: 'note', note: 'topic created: account.balance.v1' }],
];

test('on a terminal every step shows, a fetch every two seconds', () => {
  expect(linesOf(true, events)).toEqual([
    '    0.0 s  kafka              fetching',
    '    0.1 s  kafka              fetching  1 MB',
    '    2.3 s  kafka              fetching  40 MB',
    '   16.0 s  kafka              fetching  120 MB',
    '   17.0 s  kafka              fetched  4.4.0',
    '   17.1 s  kafka-1            starting',
    '   21.1 s  kafka-1            ready  port 19092',
    '   21.1 s  topic created: account.balance.v1',
  ]);
});

test('elsewhere a line now and then', () => {
  expect(linesOf(false, events)).toEqual([
    '    0.0 s  kafka              fetching',
    '    0.1 s  kafka              fetching  1 MB',
    '   16.0 s  kafka              fetching  120 MB',
    '   17.0 s  kafka              fetched  4.4.0',
    '   21.1 s  kafka-1            ready  port 19092',
    '   21.1 s  topic created: account.balance.v1',
  ]);
});

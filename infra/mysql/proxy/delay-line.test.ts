import { expect, test } from 'vitest';
import { type Clock, systemClock } from '../../clock.ts';
import { delayLine } from './delay-line.ts';

/** Timers that fire when the test says that time has passed. */
function handClock(): Clock & { pass(ms: number): void } {
  let nowMs = 0;
  let timers: { readonly atMs: number; readonly action: () => void }[] = [];
  return {
    ...systemClock,
    monotonic: () => nowMs,
    after(ms, action) {
      const timer = { atMs: nowMs + ms, action };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    pass(ms) {
      nowMs += ms;
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { action } of due) action();
    },
  };
}

function lineWith(delays: readonly number[]) {
  const clock = handClock();
  const arrived: string[] = [];
  const full: boolean[] = [];
  let room = true;
  let asked = 0;
  const line = delayLine({
    clock,
    delayMs: () => delays[asked++] ?? 0,
    deliver(chunk) {
      arrived.push(String(chunk));
      return room;
    },
    deliverEnd: () => void arrived.push('end'),
    onFull: (now) => void full.push(now),
  });
  const setRoom = (now: boolean): void => {
    room = now;
  };
  return { clock, arrived, full, line, setRoom };
}

test('without a delay it passes at once', () => {
  const { line, arrived } = lineWith([]);
  line.push(Buffer.from('a'));
  line.end();
  expect(arrived).toEqual(['a', 'end']);
});

test('each chunk takes its time, and jitter never changes the order', () => {
  const { line, arrived, clock } = lineWith([100, 20, 50]);
  line.push(Buffer.from('a'));
  line.push(Buffer.from('b'));
  clock.pass(99);
  expect(arrived).toEqual([]);
  clock.pass(1);
  expect(arrived).toEqual(['a', 'b']);
  line.end();
  clock.pass(49);
  expect(arrived).toEqual(['a', 'b']);
  clock.pass(1);
  expect(arrived).toEqual(['a', 'b', 'end']);
});

test('what is held arrives when it is released, nothing is lost', () => {
  const { line, arrived, clock } = lineWith([10]);
  line.push(Buffer.from('a'));
  line.hold();
  line.push(Buffer.from('b'));
  clock.pass(1_000);
  expect(arrived).toEqual([]);
  line.release();
  expect(arrived).toEqual(['a', 'b']);
});

test('a receiver that is full stops it until it has drained, and the sender before memory is', () => {
  const { line, arrived, full, setRoom } = lineWith([]);
  setRoom(false);
  line.push(Buffer.from('a'));
  line.push(Buffer.alloc(2 * 1024 * 1024, 'b'));
  expect(arrived).toEqual(['a']);
  expect(full).toEqual([true]);
  setRoom(true);
  line.release();
  expect(arrived).toHaveLength(2);
  expect(full).toEqual([true, false]);
});

import { describe, expect, test } from 'vitest';
import { type ConsoleState, initialState } from '../store/state.ts';
import { texts } from '../testing/rows-context.ts';
import { brokerDownTick, healthyTick, plantedAtMs, storeAfter } from '../testing/ticks.ts';
import { widthOf } from '../ui/line.ts';
import { statusLine } from './status-line.ts';

const stateOf = (columns: number, change: Partial<ConsoleState> = {}): ConsoleState => ({
  ...initialState({
    language: 'en',
    profile: 'lab',
    size: { columns, rows: 24 },
    screenId: 'overview',
    isStarting: false,
    diagnoses: [],
    frame: storeAfter([healthyTick]).getSnapshot(),
    nowMs: plantedAtMs,
  }),
  ...change,
});
const shown = (state: ConsoleState) => texts([statusLine(state, ['Overview'])])[0] ?? '';

test.each([40, 60, 80, 81, 100, 120, 160, 220])('%i cells wide, it is exactly that', (columns) => {
  for (const language of ['ko', 'en'] as const)
    expect(widthOf(statusLine(stateOf(columns, { language }), ['Overview', 'Consumer lag']))).toBe(columns);
});

test('wide, it says everything', () => {
  expect(shown(stateOf(160))).toMatch(
    /^ labctl ▸ Overview {2,}lab {3}kafka 3\/3 {2}mysql ok {2}redis ok {2}registry ok {3}READ-ONLY {3}● now {3}\d\d:\d\d:\d\d$/,
  );
});

test('narrow, the mode and the freshness stay; of the engines those in trouble', () => {
  const frame = storeAfter([brokerDownTick]).getSnapshot();
  expect(shown(stateOf(60, { frame }))).toMatch(/lab kafka 2\/3 ✗ READ-ONLY ● now \d\d:\d\d$/);
  expect(shown(stateOf(40))).toMatch(/READ-ONLY ● now/);
});

describe('can what is shown be trusted', () => {
  test('no news for some ticks', () => {
    expect(shown(stateOf(100, { nowMs: plantedAtMs + 12_000 }))).toContain('○ no news for 12 s');
  });
  test('frozen', () => {
    const state = stateOf(100, { nowMs: plantedAtMs + 12_000 });
    const frozen = { sinceMs: plantedAtMs, frame: state.frame };
    expect(shown({ ...state, frozen })).toContain(' FROZEN 12 s ');
    expect(shown({ ...state, frozen, language: 'ko' })).toContain(' 멈춤 12초 ');
  });
});

describe('what is broken on purpose', () => {
  const kill = { id: 'kill-1', who: 'kim', kind: 'kill', target: 'kafka-2', expiresAtMs: plantedAtMs + 12_400 };
  const slow = {
    id: 'slow-1',
    who: 'kim',
    kind: 'slow',
    target: 'balance-projector',
    expiresAtMs: plantedAtMs + 60_000,
  };

  test('stands there with the time that is left, and how many more there are', () => {
    expect(shown(stateOf(160, { faults: [kill] }))).toContain('  fault kafka-2 kill 12 s   READ-ONLY');
    expect(shown(stateOf(160, { faults: [kill], language: 'ko' }))).toContain('장애 kafka-2 kill 12초   읽기 전용');
    expect(shown(stateOf(160, { faults: [kill, slow] }))).toContain('fault kafka-2 kill 12 s +1   READ-ONLY');
    expect(shown(stateOf(80, { faults: [kill] }))).toContain('fault kafka-2 kill 12 s READ-ONLY');
  });
  test('after its time it is being healed', () => {
    const late = stateOf(160, { faults: [kill], nowMs: plantedAtMs + 13_000 });
    expect(shown(late)).toContain('fault kafka-2 kill healing');
    expect(shown({ ...late, language: 'ko' })).toContain('장애 kafka-2 kill 치유 중');
  });
});

test('an engine that is being started is not called down', () => {
  const frame = storeAfter([brokerDownTick]).getSnapshot();
  const starting = stateOf(120, { frame });
  const shownThen = shown({ ...starting, startUpShown: true, startUp: { ...starting.startUp, phase: 'running' } });
  expect(shownThen).toMatch(/kafka ◌ +mysql ok/);
});

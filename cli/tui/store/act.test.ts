import { describe, expect, test } from 'vitest';
import { screens } from '../screens/index.ts';
import { healthyTick, plantedAtMs, storeAfter } from '../testing/ticks.ts';
import { act } from './act.ts';
import { startUpDone, ticked } from './events.ts';
import { type ConsoleState, initialState, shownFrame } from './state.ts';

const fresh = (isStarting = false): ConsoleState =>
  initialState({
    language: 'en',
    profile: 'lab',
    size: { columns: 80, rows: 24 },
    screenId: 'overview',
    isStarting,
    diagnoses: [],
    frame: storeAfter([healthyTick]).getSnapshot(),
    nowMs: plantedAtMs,
  });
const performed = (state: ConsoleState, ...ids: readonly Parameters<typeof act>[1][]) =>
  ids.reduce((before, id) => act(before, id, screens), state);

describe('focus', () => {
  test('goes round the panels and back', () => {
    const ids = screens[0]?.panels(fresh()).map(({ id }) => id) ?? [];
    expect(performed(fresh(), 'next-panel').focus.overview).toBe(ids[1]);
    expect(performed(fresh(), 'previous-panel').focus.overview).toBe(ids.at(-1));
    expect(performed(fresh(), ...ids.map(() => 'next-panel' as const)).focus.overview).toBe(ids[0]);
  });
});

describe('back goes one level, and never further than the screen', () => {
  test('message, then enlarged panel, then frozen view', () => {
    const toast = { text: { ko: '복사', en: 'copied' }, tone: 'plain' } as const;
    const deep = { ...performed(fresh(), 'freeze', 'enlarge'), toast };
    const one = performed(deep, 'back');
    expect(one.toast).toBeUndefined();
    expect(one.enlarged).toBe(true);
    const two = performed(one, 'back');
    expect(two.enlarged).toBe(false);
    expect(two.frozen).toBeDefined();
    const three = performed(two, 'back');
    expect(three.frozen).toBeUndefined();
    expect(performed(three, 'back')).toEqual(three);
  });
});

describe('frozen', () => {
  test('what is shown stands still while readings go on', () => {
    const frozen = performed(fresh(), 'freeze');
    const store = storeAfter([healthyTick, healthyTick]);
    const later = ticked(frozen, { frame: store.getSnapshot(), nowMs: plantedAtMs + 5_000 });
    expect(shownFrame(later)).toBe(frozen.frame);
    expect(shownFrame(performed(later, 'freeze'))).toBe(store.getSnapshot());
  });
});

describe('the start-up', () => {
  test('gives way by itself when every engine answers', () => {
    const starting = fresh(true);
    expect(starting.startUpShown).toBe(true);
    expect(ticked(starting, { frame: starting.frame, nowMs: plantedAtMs }).startUpShown).toBe(false);
  });
  test('stays while nothing is known of the engines', () => {
    const empty = storeAfter([]).getSnapshot();
    expect(ticked(fresh(true), { frame: empty, nowMs: plantedAtMs }).startUpShown).toBe(true);
  });
  test('gives way to the key of a screen, and to its own end', () => {
    expect(performed(fresh(true), 'overview').startUpShown).toBe(false);
    expect(startUpDone(fresh(true))).toMatchObject({ startUpShown: false, startUp: { phase: 'done' } });
  });
});

describe('scrolling', () => {
  test('an enlarged panel stops at both ends', () => {
    const small: ConsoleState = { ...fresh(), size: { columns: 80, rows: 12 }, focus: { overview: 'lag' } };
    const enlarged = performed(small, 'enlarge');
    expect(performed(enlarged, 'up').scroll).toBe(0);
    const end = performed(enlarged, 'bottom').scroll;
    expect(performed(enlarged, 'bottom', 'down', 'page-down').scroll).toBe(end);
    expect(performed(enlarged, 'bottom', 'top').scroll).toBe(0);
  });

  test('takes the cursor along: Enter acts on what is in sight', () => {
    const small: ConsoleState = { ...fresh(), size: { columns: 80, rows: 12 }, focus: { overview: 'lag' } };
    const enlarged = performed(small, 'enlarge');
    const cursorAfter = (...ids: Parameters<typeof performed>[1][]) => performed(enlarged, ...ids).cursors.lag;
    const group = (role: string) => `balance-${role} account.balance.v1`;
    expect(cursorAfter('down', 'up')).toBe(group('projector'));
    expect(cursorAfter('bottom')).toBe(`${group('invalidator')} 5`);
    expect(cursorAfter('bottom', 'top')).toBe(group('projector'));
    expect(cursorAfter('page-down')).toBe(`${group('projector')} 0`);
    expect(cursorAfter('page-down', 'down', 'up')).toBe(cursorAfter('page-down'));
  });
});

test('a message leaves when its time is up, an error stays', () => {
  const said = { ko: '', en: '' };
  const info = { ...fresh(), toast: { text: said, tone: 'plain' as const, untilMs: plantedAtMs + 4_000 } };
  expect(ticked(info, { frame: info.frame, nowMs: plantedAtMs + 3_000 }).toast).toBeDefined();
  expect(ticked(info, { frame: info.frame, nowMs: plantedAtMs + 4_000 }).toast).toBeUndefined();
  const error = { ...fresh(), toast: { text: said, tone: 'critical' as const } };
  expect(ticked(error, { frame: error.frame, nowMs: plantedAtMs + 9e9 }).toast).toBeDefined();
});

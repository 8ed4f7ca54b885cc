import { expect, test } from 'vitest';
import { openSwitches } from './switches.ts';

function planted(rows: { name: string; value: string; left_us: number | null }[], worker = 'balance-projector-2') {
  const clock = { now: 0, monotonic: () => clock.now };
  const pool = { query: async () => [rows, []] };
  return { switches: openSwitches(pool as never, worker, clock), clock };
}

test('without rows nothing is broken', async () => {
  const { switches } = planted([]);
  await switches.refresh();
  expect([
    switches.slowMs(),
    switches.isOff('fx-rates'),
    switches.hasBug('BalanceAdjusted'),
    switches.poisonShare(),
  ]).toEqual([0, false, false, 0]);
});

test('a second worker of a kind obeys the same switches; others do not', async () => {
  const rows = [{ name: 'slow.balance-projector', value: '200', left_us: null }];
  const { switches } = planted(rows);
  await switches.refresh();
  expect(switches.slowMs()).toBe(200);
  const other = planted(rows, 'cache-invalidator').switches;
  await other.refresh();
  expect(other.slowMs()).toBe(0);
});

test('a switch runs out by itself, also when the table cannot be read any more', async () => {
  const { switches, clock } = planted([
    { name: 'dependency.fx-rates', value: 'off', left_us: 2_000_000 },
    { name: 'bug.BalanceAdjusted', value: 'on', left_us: null },
  ]);
  await switches.refresh();
  clock.now = 1_999;
  expect(switches.isOff('fx-rates')).toBe(true);
  clock.now = 2_000;
  expect([switches.isOff('fx-rates'), switches.hasBug('BalanceAdjusted')]).toEqual([false, true]);
});

test.each(['nonsense', '-1', 'NaN', ''])('%j is no amount', async (value) => {
  const { switches } = planted([{ name: 'poison', value, left_us: null }]);
  await switches.refresh();
  expect(switches.poisonShare()).toBe(0);
});

import { describe, expect, test } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { commandGroups } from '../commands/index.ts';
import { interpret } from '../program.ts';
import { orders } from './orders.ts';
import { expectWhole, losesSight, open, sees } from './testing/opened.ts';
import { plantedAtMs } from './testing/ticks.ts';

/** A console whose orders are written down and answered by the test. */
async function commanding(options: Parameters<typeof open>[0] = {}) {
  const given: { readonly words: readonly string[]; readonly language: string }[] = [];
  const answer = Promise.withResolvers<void>();
  const mounted = await open({
    order: (words, language) => {
      given.push({ words, language });
      return answer.promise;
    },
    ...options,
  });
  return { mounted, given, answer };
}

test('every order is a command line that labctl understands', () => {
  for (const { words } of orders) {
    const invocation = interpret(words, {
      groups: commandGroups,
      parents: {},
      language: 'en',
      version: () => '0',
      columns: 80,
    });
    if (invocation.kind !== 'run') throw new Error(words.join(' '));
    expect(() => invocation.command.prepare(invocation.raw)).not.toThrow();
    expect(invocation.command.impact).toBe('write');
  }
  expect(new Set(orders.map(({ words }) => words.join(' '))).size).toBe(orders.length);
});

describe.each([
  ['en', 'READ-ONLY', 'WRITE 5:00', 'Run this?', 'The console is read-only', 'Running: labctl', 'Done: labctl'],
  ['ko', '읽기 전용', '쓰기 5:00', '실행할까요?', '지금은 읽기 전용입니다', '실행 중: labctl', '끝났습니다: labctl'],
] as const)('in %s', (language, readOnly, writes, asks, takesLease, runs, done) => {
  test.each([
    { columns: 80, rows: 24 },
    { columns: 160, rows: 45 },
  ])('$columns×$rows: read-only until a yes, which runs exactly what is shown', async (size) => {
    const { mounted, given, answer } = await commanding({ language, size });
    await sees(mounted, readOnly);
    mounted.type(':');
    await sees(mounted, '┏━');
    mounted.type('kill kafka-2');
    await sees(mounted, 'fault kill kafka-2');
    mounted.type('\r');
    await sees(mounted, asks);
    expect(mounted.text()).toContain('labctl fault kill kafka-2 --for 30s');
    expect(mounted.text()).toContain(takesLease);
    expect(mounted.text()).toContain(readOnly);
    expect(mounted.screen.overflows).toBe(0);
    expect(given).toEqual([]);
    mounted.type('y');
    await sees(mounted, runs);
    await sees(mounted, writes);
    expectWhole(mounted);
    expect(given).toEqual([{ words: ['fault', 'kill', 'kafka-2', '--for', '30s'], language }]);
    answer.resolve();
    await sees(mounted, done);
  });
});

test.each(['n', '\u001b', '\r'])('anything but y runs nothing, and the console stays read-only: %j', async (key) => {
  const { mounted, given } = await commanding();
  await sees(mounted, 'Engines');
  mounted.type(':');
  await sees(mounted, '┏━ Commands');
  mounted.type('load stop');
  await sees(mounted, ': load stop');
  mounted.type('\r');
  await sees(mounted, 'Run this?');
  mounted.type(key);
  if (key === '\r') mounted.type('n');
  await losesSight(mounted, 'Run this?');
  expect(mounted.text()).toContain('READ-ONLY');
  expect(given).toEqual([]);
});

test('fault list is shown at once, without a yes', async () => {
  const faults = [
    { id: 'kill-00aa11', kind: 'kill', target: 'kafka-2', who: 'kim', expiresAtMs: plantedAtMs + 12_000 },
  ];
  const { mounted, given } = await commanding({ faults: () => faults });
  await sees(mounted, 'Engines');
  mounted.type(':');
  await sees(mounted, '┏━ Commands');
  mounted.type('fault list');
  await sees(mounted, ': fault list');
  mounted.type('\r');
  await sees(mounted, 'labctl fault list');
  expect(mounted.text()).toMatch(/kafka-2 kill +kill-00aa11 +kim +12 s/);
  expectWhole(mounted);
  expect(mounted.text()).toContain('READ-ONLY');
  expect(given).toEqual([]);
});

test('with the Korean layout on, y is the same key', async () => {
  const { mounted, given } = await commanding();
  await sees(mounted, 'Engines');
  mounted.type(':');
  await sees(mounted, '┏━ Commands');
  mounted.type('heal');
  await sees(mounted, 'fault heal --all');
  mounted.type('\r');
  await sees(mounted, 'Run this?');
  mounted.type('ㅛ');
  await sees(mounted, 'Running');
  expect(given).toMatchObject([{ words: ['fault', 'heal', '--all'] }]);
});

test('an order that fails says why, and stays until dismissed', async () => {
  const { mounted, answer } = await commanding();
  await sees(mounted, 'Engines');
  mounted.type(':');
  await sees(mounted, '┏━ Commands');
  mounted.type('restart redis');
  await sees(mounted, 'fault restart redis');
  mounted.type('\r');
  await sees(mounted, 'Run this?');
  mounted.type('y');
  await sees(mounted, 'Running');
  answer.reject(new Error('redis does not run'));
  await sees(mounted, 'Failed: labctl fault restart redis: redis does not run');
});

test('W takes the lease and gives it back; it counts down and runs out', async () => {
  let nowMs = plantedAtMs;
  const { mounted } = await commanding({ clock: { ...systemClock, now: () => nowMs } });
  await sees(mounted, 'READ-ONLY');
  mounted.type('W');
  await sees(mounted, 'WRITE 5:00');
  mounted.type('W');
  await sees(mounted, 'READ-ONLY');
  mounted.type('W');
  await sees(mounted, 'WRITE 5:00');
  nowMs += 61_000;
  await sees(mounted, 'WRITE 3:59');
  mounted.type(':');
  await sees(mounted, '┏━ Commands');
  mounted.type('load stop');
  await sees(mounted, ': load stop');
  mounted.type('\r');
  await sees(mounted, 'Run this?');
  expect(mounted.text()).not.toContain('The console is read-only');
  mounted.type('n');
  nowMs += 240_000;
  await sees(mounted, 'READ-ONLY');
});

test('on a stack that is not the lab nothing can be ordered', async () => {
  const { mounted, given } = await commanding({ profile: 'production' });
  await sees(mounted, 'Engines');
  mounted.type(':');
  await sees(mounted, '┏━ Commands');
  mounted.type('kill redis');
  await sees(mounted, 'fault kill redis');
  mounted.type('\r');
  await sees(mounted, 'this works on the lab only');
  expect(given).toEqual([]);
});

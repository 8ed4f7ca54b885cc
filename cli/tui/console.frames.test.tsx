import { describe, expect, test } from 'vitest';
import { twentyKinds } from '../../infra/testing/plant-dead-letters.ts';
import { expectWhole, losesSight, open, sees } from './testing/opened.ts';
import { brokerDownTick, deadLettersTick, healthyTick, plantedAtMs, repeat, storeAfter } from './testing/ticks.ts';

describe.each(['ko', 'en'] as const)('the Overview in %s', (language) => {
  const words = {
    ko: { calm: '이상 없음', problems: '문제 2건', engines: '엔진', keys: '? 도움말', mode: '읽기 전용' },
    en: { calm: 'All well', problems: '2 problems', engines: 'Engines', keys: '? help', mode: 'READ-ONLY' },
  }[language];

  test.each([
    [80, 24],
    [160, 45],
    [100, 30],
    [76, 20],
    [60, 15],
    [220, 60],
  ])('fills %i × %i, healthy and with a dead broker', async (columns, rows) => {
    const mounted = await open({ language, size: { columns, rows } });
    await sees(mounted, words.calm);
    expectWhole(mounted);
    expect(mounted.screen.rows()[0]).toContain('labctl');
    expect(mounted.screen.rows().at(-1)).toContain(words.keys);
    mounted.store.commit(brokerDownTick(plantedAtMs));
    await sees(mounted, words.problems);
    expectWhole(mounted);
    const text = mounted.text();
    for (const expected of ['kafka-2', '2/3 ✗', words.engines, words.mode]) expect(text).toContain(expected);
  });

  test('50 × 13 holds the focused panel alone, and Tab goes on', async () => {
    const mounted = await open({ language, size: { columns: 50, rows: 13 } });
    await sees(mounted, 'kafka-controller');
    expectWhole(mounted);
    mounted.type('\t');
    await losesSight(mounted, 'kafka-controller');
    expectWhole(mounted);
  });

  test('38 × 9 says what it needs; q still quits', async () => {
    const mounted = await open({ language, size: { columns: 38, rows: 9 } });
    await sees(mounted, '40x12');
    expect(mounted.text()).toContain('38x9');
    mounted.type('q');
    await mounted.closed;
  });

  test('in ASCII has no glyph of two minds about its width', async () => {
    const mounted = await open({ language, look: { ascii: true, colour: false } });
    await sees(mounted, words.calm);
    // What is left besides ASCII is Hangul, which is two cells everywhere.
    expect(mounted.text()).toMatch(/^[\n -~가-힣]+$/);
  });
});

describe.each(['ko', 'en'] as const)('Lag·DLQ in %s', (language) => {
  const words = {
    ko: {
      screen: '[3 지연·DLQ·ISR·샤드]',
      calm: '재시도 중',
      arriving: '새 데드 레터 48건',
      overdue: '기한을 넘김',
      panel: '데드 레터',
    },
    en: {
      screen: '[3 Lag·DLQ·ISR·Shards]',
      calm: 'in retry',
      arriving: '48 new dead letters',
      overdue: 'past their due',
      panel: 'Dead letters',
    },
  }[language];

  test.each([
    [80, 24],
    [160, 45],
    [60, 15],
    [220, 60],
  ])('fills %i × %i, calm and with twenty kinds of dead letters', async (columns, rows) => {
    const mounted = await open({ language, size: { columns, rows } });
    mounted.type('3');
    await sees(mounted, words.screen);
    await sees(mounted, words.calm);
    expectWhole(mounted);
    mounted.store.commit(deadLettersTick(plantedAtMs));
    await sees(mounted, words.arriving);
    expectWhole(mounted);
    for (const expected of [words.arriving, words.overdue, words.panel, 'retry.1m', '24'])
      expect(mounted.text()).toContain(expected);
  });

  test('160 × 45 has room for all twenty, and, alone on the screen, for their messages', async () => {
    const store = storeAfter(repeat(30, deadLettersTick));
    const mounted = await open({ language, store, screen: '3', size: { columns: 160, rows: 45 } });
    await sees(mounted, 'DecodeError');
    mounted.type('+');
    await sees(mounted, twentyKinds[0]?.message.slice(0, 20) ?? '');
    for (const { class: name, message } of twentyKinds) {
      expect(mounted.text()).toContain(name);
      expect(mounted.text()).toContain(message.slice(0, 20));
    }
    expect(
      mounted
        .text()
        .split('\n')
        .filter((row) => /Balance|잔액|DecodeError/.test(row)).length,
    ).toBeGreaterThanOrEqual(twentyKinds.length);
  });
});

test('the Overview names what the DLQ panel found', async () => {
  const mounted = await open({ store: storeAfter(repeat(3, deadLettersTick)) });
  await sees(mounted, '2 problems');
  expect(mounted.text()).toContain('48 new dead letters in the last minute');
  expect(mounted.text()).toContain('2 retries on retry.1m are past');
});

test('every engine dead: what is unknown is ?, and no number is made up', async () => {
  const mounted = await open({ store: storeAfter([]) });
  await sees(mounted, 'waiting for the first reading');
  expect(mounted.screen.rows()[0]).toContain('kafka ? mysql ? redis ? registry ?');
  expect(mounted.text()).toContain('no data yet');
  expect(mounted.text()).not.toMatch(/\b0\/3\b/);
});

describe('resizing', () => {
  test('leaves nothing behind, larger or smaller', async () => {
    const mounted = await open({ size: { columns: 160, rows: 45 } });
    await sees(mounted, 'All well');
    for (const [columns, rows] of [
      [80, 24],
      [120, 40],
      [62, 16],
      [160, 45],
      [100, 30],
    ] as const) {
      mounted.resize({ columns, rows });
      await mounted.until('a whole frame', (shown) => {
        const lines = shown.split('\n');
        return (lines[0] ?? '').includes('labctl ▸') && (lines.at(-1) ?? '').includes('? help');
      });
      await mounted.until('one header and one footer', (shown) => shown.split('labctl ▸').length === 2);
      expectWhole(mounted);
    }
  });
});

test('a tick is one frame, and a small one', async () => {
  const mounted = await open({ size: { columns: 160, rows: 45 } });
  await sees(mounted, 'All well');
  const before = mounted.writes();
  for (let tick = 1; tick <= 5; tick++) {
    const { frames } = mounted.writes();
    mounted.store.commit(healthyTick(plantedAtMs + tick * 3_000));
    await mounted.until('the next frame', () => mounted.writes().frames > frames);
  }
  const after = mounted.writes();
  expect(after.frames - before.frames).toBeLessThanOrEqual(8);
  expect((after.bytes - before.bytes) / 5).toBeLessThan(8_000);
});

import { describe, expect, test } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import type { Ask } from './asking.ts';
import { diagnosing } from './testing/diagnosing.ts';
import { expectWhole, losesSight, sees } from './testing/opened.ts';
import { hostileAnswer, lossAnswer, plantedAnswer } from './testing/planted-diagnoses.ts';
import { healthyTick, plantedAtMs } from './testing/ticks.ts';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 160, rows: 45 },
];

const inBoth = [
  [
    'ko',
    {
      notAsked: '아직 묻지 않음',
      asking: '묻는 중',
      running: '잔액 원장 행 1,204 / 10,000 (12%)',
      found: '발견 3건',
      loss: '유실',
      words: 'tx-1:7 이(가) 원장에만 있습니다',
      lack: '이 대상에는 없음',
      unknown: '알 수 없음',
      clean: '이상 없음',
    },
  ],
  [
    'en',
    {
      notAsked: 'not asked yet',
      asking: 'asking',
      running: 'ledger rows 1,204 / 10,000 (12%)',
      found: '3 findings',
      loss: 'Loss',
      words: 'tx-1:7 is in the ledger only',
      lack: 'this target has none',
      unknown: 'unknown',
      clean: 'clean',
    },
  ],
] as const;

describe.each(inBoth)('asking, in %s', (language, words) => {
  test.each(sizes)('$columns×$rows: nothing asked, then asking, with how far it is', async (size) => {
    const ask: Ask = (_, { onProgress }) => {
      onProgress({ what: { ko: '잔액 원장 행', en: 'ledger rows' }, done: 1_204, of: 10_000 });
      return new Promise(() => {});
    };
    const mounted = await diagnosing({ language, size, ask });
    await sees(mounted, words.notAsked);
    expectWhole(mounted);
    mounted.type('j');
    await sees(mounted, `labctl diagnose loss`);
    mounted.type('r');
    await sees(mounted, words.running);
    expect(mounted.text()).toContain(words.asking);
    expectWhole(mounted);
  });

  test.each(sizes)(
    '$columns×$rows: all answered: findings with their rows, clean, unknown, not mapped',
    async (size) => {
      const mounted = await diagnosing({ language, size });
      await sees(mounted, words.notAsked);
      mounted.type('R');
      await losesSight(mounted, words.asking);
      mounted.type('j');
      await sees(mounted, words.found);
      expectWhole(mounted);
      for (const expected of [words.loss, words.words, 'lost 3', 'dedup_key=tx-1:7'])
        expect(mounted.text()).toContain(expected);
      // What the target lacks comes last, after what could not be answered.
      mounted.type('G');
      await sees(mounted, words.lack);
      expect(mounted.text()).toContain(words.unknown);
      const rows = mounted.screen.rows();
      // Beside the list, the answer that is chosen says it too.
      const list = rows.map((row) => row.slice(0, size.columns / 2));
      const at = (part: string) => list.findLastIndex((row) => row.includes(part));
      expect(at('no answer within')).toBeLessThan(at(words.lack));
      expectWhole(mounted);
      mounted.type('g');
      await sees(mounted, words.clean);
    },
  );
});

describe.each(inBoth)('hard answers, in %s', (language, words) => {
  test.each(sizes)(
    '$columns×$rows: hostile text is words on one line, never a command to the terminal',
    async (size) => {
      const mounted = await diagnosing({ language, size, ask: async () => hostileAnswer() });
      await sees(mounted, words.notAsked);
      mounted.type('j\r');
      await sees(mounted, language === 'ko' ? '지웠다' : 'wiped');
      mounted.type('\t');
      await sees(mounted, 'labctl trace ');
      expectWhole(mounted);
      expect(mounted.screen.alternate).toBe(true);
      expect(mounted.text()).toContain('name=한');
      expect(mounted.screen.commands).toEqual([]);
    },
  );

  test.each(sizes)(
    '$columns×$rows: a thousand findings: the cursor goes through them, keys do not wait',
    async (size) => {
      const mounted = await diagnosing({ language, size, ask: async () => lossAnswer(1_000) });
      await sees(mounted, words.notAsked);
      mounted.type('j\r');
      await sees(mounted, '1,000');
      mounted.type('\t');
      const startedMs = systemClock.monotonic();
      for (let press = 0; press < 50; press++) mounted.type('j');
      await sees(mounted, 'dedup_key=tx-51:7');
      expect(systemClock.monotonic() - startedMs).toBeLessThan(10_000);
      expectWhole(mounted);
      mounted.type('G');
      await sees(mounted, '    labctl trace tx-1:7');
      mounted.type('k');
      await sees(mounted, '!');
      expectWhole(mounted);
    },
  );
});

test('an answer older than a minute says so; the newest reason is shown above the answer before', async () => {
  let nowMs = plantedAtMs;
  let fails = false;
  const ask: Ask = async (id) => {
    if (fails) throw new Error('MySQL went away');
    return plantedAnswer(id);
  };
  const mounted = await diagnosing({ ask, clock: { ...systemClock, now: () => nowMs } });
  await sees(mounted, 'not asked yet');
  mounted.type('r');
  await sees(mounted, 'clean');
  nowMs += 125_000;
  mounted.store.commit(healthyTick(nowMs));
  await sees(mounted, 'answered 2 min ago · r asks again');
  fails = true;
  mounted.type('r');
  await sees(mounted, 'MySQL went away');
  await sees(mounted, 'the answer before (2 min ago)');
  expectWhole(mounted);
});

test('resizing keeps the chosen answer, and every frame whole', async () => {
  const mounted = await diagnosing({ size: { columns: 160, rows: 45 } });
  await sees(mounted, 'not asked yet');
  mounted.type('j\r');
  await sees(mounted, '3 findings');
  for (const size of [
    { columns: 80, rows: 24 },
    { columns: 60, rows: 15 },
    { columns: 120, rows: 30 },
    { columns: 50, rows: 13 },
    { columns: 160, rows: 45 },
  ]) {
    mounted.resize(size);
    await mounted.until('a whole frame', (shown) => {
      const lines = shown.split('\n');
      return (lines[0] ?? '').includes('labctl ▸') && / q( quit)? *$/.test(lines.at(-1) ?? '');
    });
    expectWhole(mounted);
    expect(mounted.text()).toContain('Loss');
  }
});

test('idle, a tick draws the clock and the live evidence, not the answers anew', async () => {
  const mounted = await diagnosing({ size: { columns: 160, rows: 45 }, ask: async () => lossAnswer(1_000) });
  await sees(mounted, 'not asked yet');
  mounted.type('j\r');
  await sees(mounted, '1,000 findings');
  const before = mounted.writes();
  for (let tick = 1; tick <= 5; tick++) {
    const { frames } = mounted.writes();
    mounted.store.commit(healthyTick(plantedAtMs + tick * 3_000));
    await mounted.until('the next frame', () => mounted.writes().frames > frames);
  }
  const after = mounted.writes();
  expect(after.frames - before.frames).toBeLessThanOrEqual(8);
  expect((after.bytes - before.bytes) / 5).toBeLessThan(6_000);
});

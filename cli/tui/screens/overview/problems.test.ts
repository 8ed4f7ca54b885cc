import { describe, expect, test } from 'vitest';
import type { ProbeId } from '../../../../infra/probes/index.ts';
import { createProbeStore, type Sample, type StoreSnapshot } from '../../../../infra/probes/store.ts';
import { plantedStack } from '../../testing/planted.ts';
import { texts } from '../../testing/rows-context.ts';
import { brokerDownTick, healthyTick, plantedAtMs, read, repeat, storeAfter, unread } from '../../testing/ticks.ts';
import { calmLine, isAllDown, problemLines, problemsOf } from './problems.ts';

const committed = (samples: readonly Sample[]): StoreSnapshot => {
  const store = createProbeStore();
  store.commit({ atMs: plantedAtMs, samples });
  return store.getSnapshot();
};
const text = (words: string) => ({ ko: words, en: words });
const at = { language: 'en', nowMs: plantedAtMs } as const;

/** The second has lag only as further evidence. */
const asked = [
  { id: 'duplicates', probes: ['pipeline.freshness', 'kafka.group-lag'] },
  { id: 'lag', probes: ['kafka.group-lag'] },
].map(({ id, probes }) => ({ id, probes: probes as ProbeId[], title: text(id), question: text(id), narrowsBy: [] }));

describe('problems', () => {
  const frame = storeAfter([healthyTick, ...repeat(14, brokerDownTick)]).getSnapshot();

  test('the worst first, each with since when and who says so', () => {
    expect(texts(problemLines(problemsOf(frame), { ...at, width: 100, diagnoses: asked }))).toEqual([
      expect.stringMatching(/^✗ {2}for 13 s {2}kafka-2 does not answer: its process died +get stack\.health$/),
      expect.stringMatching(
        /^! {2}for 13 s {2}projector falls behind: at least 3,033 records, \+42\/s +4 › diagnose lag$/,
      ),
    ]);
  });

  test('where it is narrow, the source goes and the text wraps instead of being cut', () => {
    const lines = texts(problemLines(problemsOf(frame), { ...at, language: 'ko', width: 40 }));
    expect(lines.join(' ')).not.toContain('…');
    expect(lines).toHaveLength(4);
  });

  test('what a dead engine makes unreadable is one problem, however many probes ask it', () => {
    const reason = 'connect ECONNREFUSED 127.0.0.1:13306';
    const problems = problemsOf(
      committed([
        unread('outbox.backlog', { reason, sinceMs: plantedAtMs - 3_000 }),
        unread('workers.health', { reason, sinceMs: plantedAtMs - 5_000 }),
      ]),
    );
    expect(problems).toEqual([
      {
        tone: 'unknown',
        sinceMs: plantedAtMs - 5_000,
        text: { ko: `읽지 못함: ${reason}`, en: `cannot be read: ${reason}` },
        sources: ['outbox.backlog', 'workers.health'],
      },
    ]);
  });

  test('what a target lacks is none', () => {
    const lacking = ['not mapped', 'not permitted'].map((reason) => unread('outbox.backlog', { reason, sinceMs: 0 }));
    for (const sample of lacking) expect(problemsOf(committed([sample]))).toEqual([]);
  });

  test('a finding whose probe went unknown stands, and says as of when', () => {
    const store = storeAfter([brokerDownTick]);
    store.commit({
      atMs: plantedAtMs + 1_000,
      samples: [unread('stack.health', { reason: 'timed out', sinceMs: plantedAtMs + 1_000 })],
    });
    const [first] = problemsOf(store.getSnapshot());
    expect(first?.text.en).toMatch(/^kafka-2 does not answer: its process died \(as of \d\d:\d\d:\d\d\)$/);
  });
});

describe('the calm line', () => {
  const healthy = storeAfter([healthyTick]).getSnapshot();
  const calm = (frame: StoreSnapshot, change: Partial<Parameters<typeof calmLine>[1]> = {}) =>
    texts([calmLine(frame, { ...at, ...change })])[0];

  test('counts what is well', () => {
    expect(calm(healthy)).toBe(' ✓ All well · 6 probes ok · oldest unapplied 0.3 s');
    expect(calm(healthy, { language: 'ko', openedAtMs: plantedAtMs })).toMatch(
      /^ ✓ 이상 없음 · 프로브 6개 정상 · 가장 오래된 미반영 0\.3초 · \d\d:\d\d부터 발견 없음$/,
    );
  });

  test('remembers the last finding', () => {
    const recovered = storeAfter([brokerDownTick, ...repeat(181, healthyTick)]).getSnapshot();
    expect(calm(recovered)).toMatch(/ · last finding 3 min ago$/);
  });

  test('does not say that all is well before anything was read', () => {
    expect(calm(createProbeStore().getSnapshot())).toBe(' ○ no data yet');
    expect(calm(committed([unread('outbox.backlog', { reason: 'not mapped', sinceMs: 0 })]))).toBe(' ○ no data yet');
  });

  test('counts only what is known to be well', () => {
    expect(calm(committed([read('stack.health', plantedStack(), plantedAtMs)]))).toBe(' ✓ All well · 1 probes ok');
  });
});

test('only when every engine is silent has nobody started them', () => {
  const gone = { serves: false, reason: 'refused' } as const;
  const names = plantedStack().engines.map(({ name }) => name);
  const allGone = plantedStack(Object.fromEntries(names.map((name) => [name, gone])));
  expect(isAllDown(committed([read('stack.health', allGone, plantedAtMs)]))).toBe(true);
  expect(isAllDown(committed([read('stack.health', plantedStack({ mysql: gone }), plantedAtMs)]))).toBe(false);
  expect(isAllDown(createProbeStore().getSnapshot())).toBe(false);
});

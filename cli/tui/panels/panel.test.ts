import { describe, expect, test } from 'vitest';
import { createProbeStore, type Sample, type StoreSnapshot } from '../../../infra/probes/store.ts';
import { plantedOutbox, plantedWorkers } from '../testing/planted.ts';
import { texts } from '../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../testing/ticks.ts';
import { outbox } from './outbox/outbox.ts';
import { workers } from './workers/workers.ts';

function snapshot(...samples: readonly Sample[]): StoreSnapshot {
  const store = createProbeStore();
  if (samples.length > 0) store.commit({ atMs: plantedAtMs, samples });
  return store.getSnapshot();
}
const viewOf = (frame: StoreSnapshot, language: 'ko' | 'en' = 'en') =>
  outbox.view(frame, { width: 40, height: 10, scrolls: false, language, nowMs: plantedAtMs + 12_000 });

test('before the first reading it waits, and shows no number', () => {
  const view = viewOf(snapshot());
  expect(view).toMatchObject({ state: 'waiting', mark: '○', takenAtMs: undefined });
  expect(texts(view.lines)).toEqual(['waiting for the first reading…']);
});

test('a known value', () => {
  expect(viewOf(snapshot(read('outbox.backlog', plantedOutbox(), plantedAtMs)))).toMatchObject({
    state: 'ok',
    mark: '✓',
    takenAtMs: plantedAtMs,
  });
});

describe('a value with findings takes the mark of the worst', () => {
  const text = { ko: '밀림', en: 'behind' };
  test.each([
    ['warning', '!'],
    ['critical', '✗'],
  ] as const)('%s', (severity, mark) => {
    const findings = [{ key: 'outbox.backlog', severity, text }];
    expect(viewOf(snapshot(read('outbox.backlog', plantedOutbox(), plantedAtMs, { findings })))).toMatchObject({
      state: 'finding',
      mark,
      tone: severity,
    });
  });
});

describe('an unknown value says for how long, why, and what it was', () => {
  const last = { value: plantedOutbox(4), takenAtMs: plantedAtMs - 2_000 };
  const frame = snapshot(unread('outbox.backlog', { reason: 'no answer within 800 ms', sinceMs: plantedAtMs, last }));

  test('in English', () => {
    expect(viewOf(frame)).toMatchObject({ state: 'unknown', mark: '?', takenAtMs: last.takenAtMs });
    expect(texts(viewOf(frame).lines).slice(0, 3)).toEqual([
      '? unknown for 12 s',
      'no answer within 800 ms',
      'last known value (14 s ago)',
    ]);
    expect(texts(viewOf(frame).lines)[3]).toMatch(/^waiting +4$/);
  });

  test('in Korean', () => {
    expect(texts(viewOf(frame, 'ko').lines).slice(0, 3)).toEqual([
      '? 12초째 알 수 없음',
      'no answer within 800 ms',
      '마지막으로 읽은 값 (14초 전)',
    ]);
  });

  test('the old value is muted in full: it must not be taken for a live one', () => {
    const old = viewOf(frame).lines.slice(3).flat();
    expect(new Set(old.filter(({ text }) => text.trim() !== '').map(({ tone }) => tone))).toEqual(new Set(['muted']));
  });

  test('where TLS is why, it says what to try', () => {
    const reason = 'Redis at r:6379: it refuses the TLS handshake (PORT_IS_PLAIN); try no TLS';
    const lines = (language: 'ko' | 'en') =>
      texts(viewOf(snapshot(unread('outbox.backlog', { reason, sinceMs: plantedAtMs })), language).lines);
    expect(lines('en')).toContain("try: the server's TLS port as the");
    expect(lines('ko')).toContain('해결: TLS 포트를 주소로 쓰기');
    expect(lines('ko').at(-1)).toBe('아직 한 번도 읽지 못했습니다');
  });

  test('never read at all', () => {
    const never = viewOf(snapshot(unread('outbox.backlog', { reason: 'refused', sinceMs: plantedAtMs })));
    expect(texts(never.lines)).toEqual(['? unknown for 12 s', 'refused', 'never read so far']);
  });
});

test.each([
  ['not mapped', 'this target has none (not mapped)'],
  ['not permitted', 'this account may not read it'],
])('what is %s is no trouble', (reason, words) => {
  const view = viewOf(snapshot(unread('outbox.backlog', { reason, sinceMs: plantedAtMs })));
  expect(view).toMatchObject({ state: 'not-mapped', tone: 'muted' });
  expect(texts(view.lines)).toEqual([words]);
});

test('a known value may hold nothing, and then says what to do', () => {
  const frame = snapshot(read('workers.health', { ...plantedWorkers(), workers: [] }, plantedAtMs));
  const view = workers.view(frame, { width: 60, height: 5, scrolls: false, language: 'en', nowMs: plantedAtMs });
  expect(view).toMatchObject({ state: 'empty', takenAtMs: plantedAtMs });
  expect(texts(view.lines)).toEqual(['no worker is running; labctl load 50/s starts some']);
});

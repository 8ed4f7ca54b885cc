import { expect, test } from 'vitest';
import type { StackEvent } from '../../../infra/stack/stack.ts';
import { startUpLines } from '../screens/start-up.ts';
import { texts } from '../testing/rows-context.ts';
import { widthOf } from '../ui/line.ts';
import { afterEvent, startUpFrom } from './start-up.ts';

const heard = (...events: readonly (readonly [atMs: number, event: StackEvent])[]) =>
  events.reduce((startUp, [atMs, event]) => afterEvent(startUp, event, atMs), startUpFrom('running', 0));

const node = (name: 'mysql' | 'kafka-2', phase: 'starting' | 'ready' | 'stopped', note = ''): StackEvent => ({
  kind: 'node',
  node: name,
  phase,
  note,
});

test('a node counts the time from its start until it answers', () => {
  const startUp = heard([1_000, node('mysql', 'starting')], [3_400, node('mysql', 'ready', '8.0.44')]);
  expect(startUp.nodes[0]).toEqual({ node: 'mysql', phase: 'ready', note: '8.0.44', sinceMs: 1_000, tookMs: 2_400 });
  expect(startUp.nodes[1]?.phase).toBe('waiting');
});

test('a node that ran already has no start to count from', () => {
  expect(heard([500, node('mysql', 'ready')]).nodes[0]).not.toHaveProperty('tookMs');
});

test('a fetch keeps its newest note and the time it began', () => {
  const fetch = (phase: 'start' | 'progress' | 'done', note: string): StackEvent => ({
    kind: 'fetch',
    engine: 'kafka',
    phase,
    note,
  });
  const startUp = heard(
    [0, fetch('start', '4.4.0')],
    [900, fetch('progress', '24 / 120 MB')],
    [2_000, fetch('done', '')],
  );
  expect(startUp.fetches).toEqual([{ engine: 'kafka', done: true, note: '24 / 120 MB', sinceMs: 0, tookMs: 2_000 }]);
});

test('notes are bounded', () => {
  const many = Array.from({ length: 200 }, (_, index) => [0, { kind: 'note', note: String(index) }] as const);
  expect(heard(...many).notes).toHaveLength(50);
  expect(heard(...many).notes.at(-1)).toBe('199');
});

test.each([
  [80, 20],
  [60, 11],
  [160, 41],
])('drawn in %i × %i it has exactly that size', (width, height) => {
  const startUp = heard(
    [0, { kind: 'fetch', engine: 'mysql', phase: 'progress', note: '한글 노트 '.repeat(30) }],
    [1_000, node('kafka-2', 'starting', 'pid 4711')],
    [1_200, { kind: 'note', note: 'a note that goes on and on '.repeat(9) }],
  );
  for (const language of ['ko', 'en'] as const) {
    const lines = startUpLines(startUp, { width, height, language, nowMs: 2_000 });
    expect(lines).toHaveLength(height);
    for (const row of lines) expect(widthOf(row)).toBe(width);
  }
});

test('a failed start says what failed and what to try', () => {
  const failure = {
    what: { ko: 'kafka-3이 60초 안에 응답하지 않음', en: 'kafka-3 did not answer within 60 s' },
    why: { ko: '19096 포트를 다른 프로세스가 쓰고 있음', en: 'another process holds port 19096' },
    tryThis: [{ ko: 'labctl logs kafka-3', en: 'labctl logs kafka-3' }],
  };
  const lines = texts(
    startUpLines(
      { ...startUpFrom('running', 0), phase: 'failed', failure },
      { width: 80, height: 20, language: 'ko', nowMs: 0 },
    ),
  );
  expect(lines[0]).toContain('✗ 엔진을 켜지 못했습니다');
  expect(lines[1]).toContain('kafka-3이 60초 안에 응답하지 않음');
  expect(lines[2]).toContain('19096 포트를 다른 프로세스가 쓰고 있음');
  expect(lines[3]).toContain('› labctl logs kafka-3');
});

import { expect, test } from 'vitest';
import type { StoreSnapshot } from '../../infra/probes/store.ts';
import { charts, columnsOf, findingLines, legendOf, seriesOf } from './picture.ts';

const nothing: StoreSnapshot = {
  ticks: 0,
  committedAtMs: undefined,
  readings: new Map(),
  findings: [],
  lastFindingAtMs: undefined,
  history: new Map(),
};

function withHistory(key: string, values: readonly (number | null)[]): StoreSnapshot {
  const points = values.map((value, index) => ({ atMs: index * 1_000, value }));
  return { ...nothing, ticks: values.length, history: new Map([[key, points]]) };
}

test('a line begins after the last gap, and ends where the number is unknown', () => {
  const key = 'outbox.backlog:sentPerSecond';
  expect(seriesOf(withHistory(key, [5, null, 7, 8]), charts.flow)[0]).toMatchObject({ values: [7, 8], now: 8 });
  expect(seriesOf(withHistory(key, [5, 6, null]), charts.flow)[0]).toMatchObject({ values: [], now: undefined });
  expect(seriesOf(nothing, charts.flow)[0]).toMatchObject({ values: [], now: undefined });
});

test('the newest value stands beside the title, unknown as such and never as 0', () => {
  const snapshot = withHistory('kafka.group-lag:lag.projector', [12.34]);
  expect(legendOf(seriesOf(snapshot, charts.backlog), 'en')).toBe(
    '{cyan-fg}outbox{/cyan-fg} unknown, {yellow-fg}projector{/yellow-fg} 12.3, {magenta-fg}invalidator{/magenta-fg} unknown',
  );
  expect(legendOf(seriesOf(snapshot, charts.backlog), 'ko')).toContain('outbox{/cyan-fg} 알 수 없음');
});

test('findings with since when, then what is unknown; calm only when something is known and nothing is wrong', () => {
  expect(findingLines(nothing, 'en')).toEqual(['reading for the first time …']);
  expect(findingLines({ ...nothing, ticks: 1 }, 'ko')).toEqual(['이상 없음']);
  const snapshot: StoreSnapshot = {
    ...nothing,
    ticks: 9,
    committedAtMs: 60_000,
    readings: new Map([['stack.health', { status: 'unknown', reason: 'no \u001b[31manswer', sinceMs: 1 }]]),
    findings: [
      {
        probeId: 'kafka.group-lag',
        finding: { key: 'lag.projector', severity: 'critical', text: { ko: '프로젝터 지연', en: 'projector lags' } },
        sinceMs: 18_000,
        seenMs: 60_000,
      },
    ],
  };
  expect(findingLines(snapshot, 'en')).toEqual(['✗ projector lags (for 42 s)', '? stack.health: no answer']);
  expect(findingLines(snapshot, 'ko')[0]).toBe('✗ 프로젝터 지연 (42초째)');
});

test('a table is narrowed to the columns that are asked for', () => {
  const rows = [
    ['ENGINE', 'ENDPOINT', 'SERVES'],
    ['mysql', '127.0.0.1:13306', 'yes'],
  ];
  expect(columnsOf(rows, ['SERVES', 'ENGINE', 'GONE'])).toEqual([
    ['SERVES', 'ENGINE'],
    ['yes', 'mysql'],
  ]);
  expect(columnsOf([], ['ENGINE'])).toEqual([]);
});

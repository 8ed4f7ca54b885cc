import { describe, expect, test } from 'vitest';
import { known } from '../../../../infra/probes/reading.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedRebalances, rebalancesOf, unreadableGroup } from '../../testing/planted-rebalances.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { widthOf } from '../../ui/line.ts';
import { rebalances } from './rebalances.ts';
import { rebalanceLines, rebalanceSummary } from './rows.ts';

const value = rebalancesOf(
  plantedRebalances('balance-projector', { role: 'projector' }),
  plantedRebalances('orders', { generation: known(31), lastMinute: 9, state: known('PreparingRebalance') }),
  unreadableGroup('payments'),
);

test('in 80 columns: state, generation, rebalances a minute, members, timeouts', () => {
  const rows = texts(rebalanceLines(value, rowsContext({ width: 76, height: 0 })));
  expect(rows[0]).toMatch(/^group +state +gen +\/min +members/);
  expect(rows[1]).toMatch(/^✓ projector +Stable +7 +1 +2 +10 s/);
  expect(rows[2]).toMatch(/^✓ orders +PreparingRebalance 29 s +31 +9 +2/);
  expect(rows[3]).toMatch(/^\? payments +\? +\? +0 +\?/);
  expect(rows).toHaveLength(4);
});

test('in 160 columns the assignor and the type too, and beneath them what happened, the latest first', () => {
  const rows = texts(rebalanceLines(value, rowsContext({ width: 156, height: 40 })));
  expect(rows[1]).toMatch(/^✓ projector +Stable +7 +1 +2 +10 s +10 s +RoundRobinAssigner +classic$/);
  expect(rows[5]).toBe('what happened lately');
  expect(rows[6]).toMatch(/^\d\d:\d\d:\d\d {2}projector {2}PreparingRebalance → Stable after 1\.2 s$/);
  expect(rows[8]).toMatch(/projector {2}generation 6 → 7 · 2 members$/);
  const korean = texts(rebalanceLines(value, rowsContext({ width: 156, height: 40, language: 'ko' })));
  expect(korean[0]).toMatch(/^그룹 +상태 +세대 +분당 +멤버 +세션 +리밸런스 +할당 +방식$/);
  expect(korean.some((row) => row.endsWith('+ lab.balance-projector.4712 들어옴 (/127.0.0.1)'))).toBe(true);
});

test.each([40, 60, 76, 104, 156])('no line is wider than %i', (width) => {
  for (const language of ['ko', 'en'] as const)
    for (const row of rebalanceLines(value, rowsContext({ width, height: 40, language })))
      expect(widthOf(row)).toBeLessThanOrEqual(width);
});

test('control sequences in what a client calls itself are not drawn', () => {
  const event = { kind: 'left', atMs: plantedAtMs, clientId: 'a\u001b[2Jb', memberId: 'm', host: '/h' } as const;
  const group = plantedRebalances('g\u001b[31m', { events: [event] });
  const rows = texts(rebalanceLines(rebalancesOf(group), rowsContext({ height: 20 })));
  expect(rows.join('')).not.toContain('\u001b');
});

describe('designed states', () => {
  const viewOf = (sample: Sample) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [sample] });
    const area = { width: 76, height: 12, scrolls: false, language: 'en', nowMs: plantedAtMs } as const;
    return rebalances.view(store.getSnapshot(), area);
  };
  const finding = {
    key: 'rebalance.projector.storm',
    severity: 'critical',
    text: { ko: '폭주', en: 'a storm' },
  } as const;

  test('empty, ok, finding, not mapped, unknown', () => {
    expect(viewOf(read('kafka.rebalances', rebalancesOf(), plantedAtMs)).state).toBe('empty');
    expect(viewOf(read('kafka.rebalances', value, plantedAtMs)).state).toBe('ok');
    const found = viewOf(read('kafka.rebalances', value, plantedAtMs, { findings: [finding] }));
    expect(found).toMatchObject({ state: 'finding', mark: '✗' });
    expect(texts(found.lines).find((row) => row.includes('projector'))).toMatch(/^✗ projector/);
    expect(
      viewOf(unread('kafka.rebalances', { reason: 'not mapped: no Kafka is named', sinceMs: plantedAtMs })).state,
    ).toBe('not-mapped');
    expect(viewOf(unread('kafka.rebalances', { reason: 'no broker answers', sinceMs: plantedAtMs })).state).toBe(
      'unknown',
    );
  });

  test('in one line', () => {
    expect(texts([rebalanceSummary(value, rowsContext())])).toEqual([
      'projector Stable 1/min · orders PreparingRebalance 9/min · payments ? 0/min',
    ]);
  });
});

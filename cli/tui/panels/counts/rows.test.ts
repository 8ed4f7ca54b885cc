import { describe, expect, test } from 'vitest';
import { comparisonsOf, type PipelineCounts, pipelineCounts } from '../../../../infra/probes/pipeline/counts.ts';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { createProbeStore } from '../../../../infra/probes/store.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read } from '../../testing/ticks.ts';
import { widthOf } from '../../ui/line.ts';
import { counts } from './counts.ts';
import { countsRows, countsSummary } from './rows.ts';

function planted(change: Partial<PipelineCounts> = {}): PipelineCounts {
  const value = {
    ledger: known(10_482_113n),
    outbox: known({ pending: 12n, sent: 10_482_100n, dead: 1n, skipped: 0n }),
    processed: known({ applied: 10_481_998n, folded: 0n, archived: 9_000_000n }),
    effects: known(10_481_998n),
    failed: known({ inRetry: 17n, dead: 4n }),
    folded: known(0n),
    inFlightMax: known(90n),
    ...change,
  };
  return { ...value, comparisons: comparisonsOf(value, value.inFlightMax) };
}

const narrow = rowsContext({ width: 76 });
const squeezed = (rows: readonly string[]) => rows.map((row) => row.replaceAll(/ {2,}/g, '  ').trim());

describe('counts', () => {
  test('each table, and what explains that they differ', () => {
    expect(squeezed(texts(countsRows(planted(), narrow)))).toEqual(
      [
        'ledger  10,482,113',
        'outbox  SENT 10,482,100 · PENDING 12 · DEAD 1',
        'processed  10,481,998 · archived 9,000,000',
        'effects  10,481,998',
        '✓ ledger ↔ outbox  equal',
        '✓ ledger ↔ processed  all explained',
        '10,482,113 - 10,481,998 = 115: to be sent 12 · outbox DEAD 1 · in retry 17 · dead letters 4 · in flight 81',
      ]
        .map((row) => (row.length > 76 ? expect.stringContaining('10,482,113 - 10,481,998 = 115: to be sent 12') : row))
        .concat(['✓ processed ↔ effects  equal']),
    );
  });

  test('a doubled effect, and a side that cannot be read', () => {
    const doubled = planted({ effects: known(10_482_000n) });
    expect(squeezed(texts(countsRows(doubled, narrow)))).toContain('✗ processed ↔ effects  2 too many, unexplained');
    expect(texts([countsSummary(doubled, narrow)])).toEqual(['processed ↔ effects: 2 too many, unexplained']);
    const missing = planted({ inFlightMax: known(80n) });
    const korean = rowsContext({ width: 76, language: 'ko' });
    expect(squeezed(texts(countsRows(missing, korean)))).toContain('✗ 원장 ↔ processed_event  설명되지 않는 부족 1');
    const unread = planted({ effects: unknownPart('not permitted') });
    expect(squeezed(texts(countsRows(unread, narrow)))).toContain('effects  ? not permitted');
  });

  test.each([40, 76, 156])('no line is wider than %i', (width) => {
    for (const language of ['ko', 'en'] as const) {
      const lines = countsRows(planted({ effects: known(1n) }), rowsContext({ width, language }));
      for (const one of lines) expect(widthOf(one)).toBeLessThanOrEqual(width);
    }
  });

  test.each([76, 156])('the panel says finding, and empty where nothing ever happened (%i)', (width) => {
    const viewOf = (value: PipelineCounts) => {
      const store = createProbeStore();
      const sample = read('pipeline.counts', value, plantedAtMs, { findings: pipelineCounts.judge(value) });
      store.commit({ atMs: plantedAtMs, samples: [sample] });
      return counts.view(store.getSnapshot(), {
        width,
        height: 20,
        scrolls: false,
        language: 'ko',
        nowMs: plantedAtMs,
      });
    };
    expect(viewOf(planted())).toMatchObject({ state: 'ok', mark: '✓' });
    expect(viewOf(planted({ effects: known(1n) }))).toMatchObject({ state: 'finding', tone: 'critical' });
    const nothing = planted({
      ledger: known(0n),
      outbox: known({ pending: 0n, sent: 0n, dead: 0n, skipped: 0n }),
      processed: known({ applied: 0n, folded: 0n, archived: 0n }),
      effects: known(0n),
    });
    expect(viewOf(nothing).state).toBe('empty');
  });
});

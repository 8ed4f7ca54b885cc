import { describe, expect, test } from 'vitest';
import { mysqlDeadlocks as deadlocksProbe } from '../../../../infra/probes/mysql/deadlocks.ts';
import { mysqlErrors as errorsProbe } from '../../../../infra/probes/mysql/errors.ts';
import { mysqlLoad as loadProbe } from '../../../../infra/probes/mysql/load.ts';
import { mysqlWaits as waitsProbe } from '../../../../infra/probes/mysql/waits.ts';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { createProbeStore, type Sample } from '../../../../infra/probes/store.ts';
import { plantedDeadlocks, plantedErrors, plantedLoad, plantedWaits } from '../../testing/planted-mysql.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read, unread } from '../../testing/ticks.ts';
import { widthOf } from '../../ui/line.ts';
import type { Panel } from '../panel.ts';
import { mysqlDeadlocks } from './deadlocks.ts';
import { mysqlErrors } from './errors.ts';
import { mysqlLoad } from './load.ts';
import { mysqlWaits } from './waits.ts';

const samples = {
  waits: read('mysql.waits', plantedWaits(), plantedAtMs, { findings: waitsProbe.judge(plantedWaits()) }),
  deadlocks: read('mysql.deadlocks', plantedDeadlocks(), plantedAtMs, {
    findings: deadlocksProbe.judge(plantedDeadlocks()),
    numbers: { perMinute: 50 },
  }),
  errors: read('mysql.errors', plantedErrors(), plantedAtMs, { findings: errorsProbe.judge(plantedErrors()) }),
  load: read('mysql.load', plantedLoad(), plantedAtMs, {
    findings: loadProbe.judge(plantedLoad()),
    numbers: loadProbe.numbers?.(plantedLoad()) ?? {},
  }),
};

function viewOf(panel: Panel, sample: Sample, area: Partial<Parameters<typeof rowsContext>[0]> = {}) {
  const store = createProbeStore();
  for (let second = 6; second >= 0; second--) store.commit({ atMs: plantedAtMs - second * 1_000, samples: [sample] });
  const { width, height, scrolls, language, nowMs } = rowsContext({ height: 40, ...area });
  return panel.view(store.getSnapshot(), { width, height, scrolls, language, nowMs });
}

const panels = [
  ['waits', mysqlWaits],
  ['deadlocks', mysqlDeadlocks],
  ['errors', mysqlErrors],
  ['load', mysqlLoad],
] as const;

describe.each(panels)('%s', (name, panel) => {
  test.each([40, 60, 76, 104, 156])('no line is wider than %i', (width) => {
    for (const language of ['ko', 'en'] as const) {
      for (const row of viewOf(panel, samples[name], { width, language }).lines) {
        expect(widthOf(row)).toBeLessThanOrEqual(width);
      }
    }
  });

  test('frames at both widths in both languages, with a finding', async () => {
    const frames = ([76, 156] as const).flatMap((width) =>
      (['ko', 'en'] as const).map((language) => {
        const view = viewOf(panel, samples[name], { width, language });
        expect(view.state).toBe('finding');
        return [`== ${width} ${language}: ${texts([view.summary])[0]}`, ...texts(view.lines), ''].join('\n');
      }),
    );
    await expect(frames.join('\n')).toMatchFileSnapshot(`./frames/${name}.txt`);
  });

  test('not mapped, not permitted and unknown are states of their own', () => {
    const { probeId } = panel;
    const at = (reason: string) => viewOf(panel, unread(probeId, { reason, sinceMs: plantedAtMs - 3_000 }));
    expect(at('not mapped: no MySQL is named').state).toBe('not-mapped');
    expect(texts(at('not permitted').lines).join(' ')).toBe('this account may not read it');
    expect(at('MySQL gives no answer').state).toBe('unknown');
  });
});

test('control sequences of a statement are not drawn', () => {
  const drawn = texts(viewOf(mysqlWaits, samples.waits, { width: 156 }).lines).join('\n');
  expect(drawn).not.toContain('\u001b');
  expect(drawn).toContain('account_id = 1');
});

test('where nothing waits and nothing deadlocked, one calm line says so', () => {
  const calm = read('mysql.waits', plantedWaits({ waits: [], roots: [], longTransactions: [] }), plantedAtMs);
  expect(viewOf(mysqlWaits, calm)).toMatchObject({ state: 'empty' });
  const none = plantedDeadlocks({ seen: [], total: known(0n), captured: 0, lately: undefined });
  expect(viewOf(mysqlDeadlocks, read('mysql.deadlocks', none, plantedAtMs))).toMatchObject({ state: 'empty' });
  const uncounted = plantedDeadlocks({ seen: [], total: unknownPart('switched off'), captured: 0, lately: undefined });
  expect(texts(viewOf(mysqlDeadlocks, read('mysql.deadlocks', uncounted, plantedAtMs)).lines)).toEqual([
    'captured 0 of ? unknown',
  ]);
});

test('a restarted server has no rates, and says why', () => {
  const restarted = plantedLoad({ rates: unknownPart('the server was started again') });
  const drawn = texts(viewOf(mysqlLoad, read('mysql.load', restarted, plantedAtMs)).lines).join('\n');
  expect(drawn).toContain('? the server was started again');
});

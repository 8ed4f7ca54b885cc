import { describe, expect, test } from 'vitest';
import type { ProbeStore } from '../../../../infra/probes/store.ts';
import { panels } from '../../panels/index.ts';
import type { Panel } from '../../panels/panel.ts';
import { texts } from '../../testing/rows-context.ts';
import { brokerDownTick, deadLettersTick, healthyTick, plantedAtMs, repeat, storeAfter } from '../../testing/ticks.ts';
import { type Line, padTo, textOf, widthOf } from '../../ui/line.ts';
import { lagDlqParts } from './lag-dlq.tsx';
import { lagDlqColumns } from './panels.ts';

/** The panels there are, under the names of all that the screen has room for. */
function named(probeId: string, id: string): Panel {
  const panel = panels.find((one) => one.probeId === probeId);
  if (panel === undefined) throw new Error(`no panel draws ${probeId}`);
  return { ...panel, id, title: { ko: `패널 ${id}`, en: `panel ${id}` } };
}

const columns: readonly (readonly Panel[])[] = [
  [
    named('kafka.group-lag', 'lag'),
    named('workers.health', 'rebalances'),
    named('pipeline.freshness', 'consumer-config'),
    named('dlq.groups', 'dlq'),
  ],
  [
    named('stack.health', 'cluster'),
    named('workers.health', 'isr'),
    named('outbox.backlog', 'transactions'),
    named('workers.health', 'offsets'),
    named('stack.health', 'redis-nodes'),
    named('outbox.backlog', 'redis-cluster'),
    named('pipeline.freshness', 'hot-keys'),
    named('workers.health', 'cache'),
  ],
];
const all = columns.flat();

const healthy = storeAfter(repeat(30, healthyTick));
const trouble = (): ProbeStore => {
  const store = storeAfter([...repeat(10, healthyTick), ...repeat(14, deadLettersTick)]);
  store.commit({
    ...brokerDownTick(plantedAtMs),
    samples: brokerDownTick(plantedAtMs).samples.filter(({ probeId }) => probeId === 'kafka.group-lag'),
  });
  return store;
};

function drawn(
  store: ProbeStore,
  {
    width,
    height,
    focusedId = 'lag',
    language = 'en' as 'ko' | 'en',
  }: { width: number; height: number; focusedId?: string; language?: 'ko' | 'en' },
) {
  const drawing = { frame: store.getSnapshot(), language, nowMs: plantedAtMs, focusedId };
  const parts = lagDlqParts(columns, drawing, { width, height });
  const rows = parts.columns[0]?.lines.map(
    (_, row): Line => parts.columns.flatMap((column) => padTo(column.lines[row] ?? [], column.width)),
  );
  return { ...parts, lines: [...parts.head, ...(rows ?? [])] };
}
const opened = (lines: readonly Line[]) => lines.filter((row) => /[╭┏]/.test(textOf(row))).length;

describe.each(['ko', 'en'] as const)('a dozen panels in %s', (language) => {
  test.each([
    [80, 20],
    [160, 41],
    [60, 11],
    [220, 56],
    [100, 26],
  ])('fill %i × %i, healthy and in trouble', (width, height) => {
    for (const store of [healthy, trouble()]) {
      const { lines } = drawn(store, { width, height, language });
      expect(lines).toHaveLength(height);
      for (const row of lines) expect(widthOf(row)).toBeLessThanOrEqual(width);
    }
  });

  test.each(all.map(({ id }) => id))('%s opens when it has the focus, in 80 × 20', (focusedId) => {
    const { lines } = drawn(healthy, { width: 80, height: 20, language, focusedId });
    const title = language === 'ko' ? `패널 ${focusedId} ` : `panel ${focusedId} `;
    expect(lines.map(textOf).filter((row) => row.startsWith('┏'))).toEqual([expect.stringContaining(title)]);
    // The others are there too: in one line each, or open where there is room.
    for (const { id } of all)
      expect(lines.map(textOf).join('\n')).toContain(language === 'ko' ? `패널 ${id} ` : `panel ${id} `);
  });
});

test('in trouble, what needs eyes is open and the calm ones give way', () => {
  const { lines } = drawn(trouble(), { width: 80, height: 20, focusedId: 'lag' });
  const shown = texts(lines);
  expect(shown.find((row) => row.includes('panel dlq '))).toMatch(/^╭─ ! panel dlq/);
  expect(shown.find((row) => row.includes('panel offsets '))).toMatch(/^ ✓ panel offsets/);
  expect(shown[0]).toMatch(/^ ! {2}for .* 48 new dead letters/);
});

test('a wide screen has them in two columns, most of them open', () => {
  const parts = drawn(healthy, { width: 160, height: 41 });
  expect(parts.columns.map(({ width }) => width)).toEqual([80, 80]);
  expect(parts.columns.map(({ lines }) => opened(lines))).toEqual([4, 8]);
});

test('where not even folded panels fit, those around the focused one are shown, and how many more there are', () => {
  const at = (focusedId: string) => texts(drawn(trouble(), { width: 80, height: 12, focusedId }).lines);
  expect(at('lag').at(-1)).toMatch(/^ {2}↓ \d more panels/);
  const last = at('cache');
  expect(last.find((row) => row.includes('↑'))).toMatch(/^ {2}↑ \d more panels · ! 2$/);
  expect(last.at(-1)).toMatch(/^┗/);
});

test('panels come in by their probe, each to its place; a target may have none of a column', () => {
  const made = (probeId: string): Panel => ({
    ...named('workers.health', probeId),
    probeId: probeId as Panel['probeId'],
  });
  const known = ['redis.cluster', 'dlq.groups', 'kafka.isr', 'kafka.group-lag', 'stack.health'].map(made);
  expect(lagDlqColumns(known).map((column) => column.map(({ id }) => id))).toEqual([
    ['kafka.group-lag', 'dlq.groups'],
    ['kafka.isr', 'redis.cluster'],
  ]);
  expect(lagDlqColumns(known.slice(0, 1))).toHaveLength(1);
  expect(lagDlqColumns([])).toEqual([]);
});

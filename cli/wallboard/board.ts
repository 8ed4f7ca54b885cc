import blessed from 'blessed';
import contrib from 'blessed-contrib';
import type { Probe } from '../../infra/probes/probe.ts';
import type { ProbeStore, StoreSnapshot } from '../../infra/probes/store.ts';
import { type Language, printable } from '../../infra/text.ts';
import { plainTable } from '../output/table.ts';
import {
  type Chart,
  charts,
  columnsOf,
  findingLines,
  legendOf,
  lineColours,
  type Series,
  seriesOf,
} from './picture.ts';

export interface BoardOptions {
  readonly store: ProbeStore;
  /** Shown beside the charts. */
  readonly tables: readonly BoardTable[];
  readonly language: Language;
  readonly title: string;
  readonly signal: AbortSignal;
}

/** A probe's own rows, of which a narrow box shows the columns with these headings. */
export interface BoardTable {
  readonly probe: Probe<unknown>;
  readonly columns: readonly string[];
}

/**
 * The wallboard: blessed owns the terminal until `q`, Ctrl-C or the signal. It is kept in a process of its own, because
 * blessed hangs itself onto the process' exit and signals.
 */
export async function runBoard(options: BoardOptions): Promise<void> {
  const { store, signal, title } = options;
  const screen = blessed.screen({ smartCSR: true, fullUnicode: true, title });
  const closed = new Promise<void>((resolve) => {
    screen.key(['q', 'C-c', 'escape'], () => resolve());
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const paint = panels(screen, options);
  let painting = Promise.resolve();
  const repaint = (): void => {
    painting = painting.then(async () => {
      await paint(store.getSnapshot());
      screen.render();
    });
  };
  const unsubscribe = store.subscribe(repaint);
  screen.on('resize', repaint);
  repaint();
  try {
    await closed;
    unsubscribe();
    await painting;
  } finally {
    screen.destroy();
  }
}

function panels(
  screen: blessed.Widgets.Screen,
  { tables, language }: BoardOptions,
): (snapshot: StoreSnapshot) => Promise<void> {
  const grid = new contrib.grid({ rows: 12, cols: 12, screen });
  const lines = [
    lineChart(grid, charts.flow, { row: 0, height: 4 }),
    lineChart(grid, charts.backlog, { row: 4, height: 4 }),
    lineChart(grid, charts.freshness, { row: 8, height: 4 }),
  ];
  const each = Math.floor(8 / Math.max(1, tables.length));
  const boxes = tables.map((table, index) => ({
    table,
    box: textBox(grid, table.probe.title[language], { row: index * each, height: each }),
  }));
  const findings = textBox(grid, { ko: '발견', en: 'findings' }[language], {
    row: each * tables.length,
    height: 12 - each * tables.length,
    wrap: true,
  });
  return async (snapshot) => {
    for (const draw of lines) draw(snapshot, language);
    for (const { table, box } of boxes) box.setContent(blessed.escape(await tableText(table, snapshot, language)));
    findings.setContent(blessed.escape(findingLines(snapshot, language).join('\n')));
  };
}

interface Place {
  readonly row: number;
  readonly height: number;
  /** Sentences are wrapped, rows of a table are cut. */
  readonly wrap?: boolean;
}

function lineChart(
  grid: contrib.grid,
  chart: Chart,
  { row, height }: Place,
): (snapshot: StoreSnapshot, language: Language) => void {
  const line: contrib.Widgets.LineElement = grid.set(row, 0, height, 7, contrib.line, {
    style: { baseline: 'white', text: 'white' },
    numYLabels: 4,
    label: '',
    tags: true,
  });
  return (snapshot, language) => {
    const series = seriesOf(snapshot, chart);
    line.setLabel(` ${chart.title[language]}: ${legendOf(series, language)} `);
    // A canvas keeps the size it was born with: told anew, it follows a resized terminal.
    line.emit('attach');
    line.setData(drawable(series));
  };
}

/**
 * The lines of a chart share its times, so all are cut to the shortest; without any point it draws an empty one, because
 * it cannot draw none.
 */
function drawable(series: readonly Series[]): contrib.Widgets.LineData[] {
  const length = Math.min(...series.flatMap(({ values }) => (values.length === 0 ? [] : [values.length])));
  if (length === Number.POSITIVE_INFINITY) return [{ title: '', x: [' '], y: [0], style: { line: 'black' } }];
  return series.flatMap(({ title, times, values }, index) => {
    const style = { line: lineColours[index] ?? 'white' };
    return values.length === 0 ? [] : [{ title, x: times.slice(-length), y: values.slice(-length), style }];
  });
}

function textBox(grid: contrib.grid, label: string, { row, height, wrap = false }: Place): blessed.Widgets.BoxElement {
  return grid.set(row, 7, height, 5, blessed.box, {
    label: ` ${label} `,
    tags: true,
    wrap,
    padding: { left: 1, right: 1 },
  });
}

async function tableText({ probe, columns }: BoardTable, snapshot: StoreSnapshot, language: Language): Promise<string> {
  const reading = snapshot.readings.get(probe.id);
  if (reading === undefined) return '…';
  if (reading.status === 'ok') return plainTable(columnsOf(probe.rows(reading.value), columns));
  return { ko: `알 수 없음: ${printable(reading.reason)}`, en: `unknown: ${printable(reading.reason)}` }[language];
}

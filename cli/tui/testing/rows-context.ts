import type { RowsContext } from '../panels/panel.ts';
import { type Line, textOf } from '../ui/line.ts';
import { plantedAtMs } from './ticks.ts';

/** What a panel's rows are given: English, half of a wide screen, no trends and no findings, unless told otherwise. */
export const rowsContext = (change: Partial<RowsContext> = {}): RowsContext => ({
  width: 76,
  height: 20,
  scrolls: false,
  language: 'en',
  nowMs: plantedAtMs,
  trend: () => [],
  toneOf: () => 'ok',
  ...change,
});

/** Lines as plain texts, without the blanks that only pad them. */
export const texts = (lines: readonly Line[]): readonly string[] => lines.map((content) => textOf(content).trimEnd());

import { type Drawing, framedPanel, viewIn } from '../panels/framed.ts';
import type { Panel } from '../panels/panel.ts';
import { type ConsoleState, type Size, shownAtMs, shownFrame } from '../store/state.ts';
import { frameRows } from '../ui/frame.ts';
import type { Line } from '../ui/line.ts';

/** Rows of a screen that belong to the console: status line, screens bar, message line, keys. */
export const consoleRows = 4;
/** Below this there is room for one panel and no more. */
const compactBelow: Size = { columns: 60, rows: 15 };
/** Below this nothing can be read. */
const uselessBelow: Size = { columns: 40, rows: 12 };

const isBelow = ({ columns, rows }: Size, least: Size): boolean => columns < least.columns || rows < least.rows;
export const isCompact = (size: Size): boolean => isBelow(size, compactBelow);
export const isUseless = (size: Size): boolean => isBelow(size, uselessBelow);

/** A small screen shows the focused panel alone, as `+` does on any other. */
export const isOnePanel = ({ enlarged, size }: Pick<ConsoleState, 'enlarged' | 'size'>): boolean =>
  enlarged || isCompact(size);

export const drawingOf = (state: ConsoleState, focusedId: string): Drawing => ({
  frame: shownFrame(state),
  language: state.language,
  nowMs: shownAtMs(state),
  focusedId,
  cursor: state.cursors[focusedId],
});

export function enlargedLines(
  panel: Panel,
  drawing: Drawing,
  area: Size & { readonly scroll: number },
): readonly Line[] {
  return framedPanel(panel, drawing, { width: area.columns, height: area.rows, scroll: area.scroll });
}

/** The furthest an enlarged panel can be scrolled. */
export function scrollMax(panel: Panel, state: ConsoleState): number {
  const height = state.size.rows - consoleRows;
  const view = viewIn(panel, drawingOf(state, panel.id), { width: state.size.columns, height, scroll: 0 });
  return Math.max(0, view.lines.length - (height - frameRows));
}

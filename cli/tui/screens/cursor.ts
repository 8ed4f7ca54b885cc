import { cursorRow, viewIn } from '../panels/framed.ts';
import type { Panel } from '../panels/panel.ts';
import type { ConsoleState } from '../store/state.ts';
import { frameRows } from '../ui/frame.ts';
import { rowOf, traceOf } from '../ui/line.ts';
import { consoleRows, drawingOf, isOnePanel } from './enlarged.ts';

/** The lines of a panel that has the screen to itself: all it has to show. */
const linesOf = (panel: Panel, state: ConsoleState) => {
  const { columns, rows } = state.size;
  return viewIn(panel, drawingOf(state, panel.id), { width: columns, height: rows - consoleRows, scroll: 0 }).lines;
};

/** The event that the row under the cursor is about; undefined where no row of the panel is about one. */
export function eventAt(panel: Panel, state: ConsoleState): string | undefined {
  const lines = linesOf(panel, state);
  return traceOf(lines[cursorRow(lines, state.cursors[panel.id])] ?? []);
}

/** The cursor on the next row that is about an event; undefined where there is none in that direction. */
export function cursorMoved(state: ConsoleState, panel: Panel, by: 1 | -1): ConsoleState | undefined {
  const lines = linesOf(panel, state);
  const here = cursorRow(lines, state.cursors[panel.id]);
  if (here < 0) return undefined;
  const names = lines.map(rowOf);
  const at =
    by === 1
      ? names.findIndex((name, row) => row > here && name !== undefined)
      : names.slice(0, here).findLastIndex((name) => name !== undefined);
  const name = names[at];
  if (name === undefined) return undefined;
  const rows = state.size.rows - consoleRows - frameRows;
  // With the screen to itself a panel scrolls; the row must stay in sight.
  const scroll = isOnePanel(state) ? Math.max(at + 1 - rows, Math.min(state.scroll, at)) : state.scroll;
  return { ...state, scroll, cursors: { ...state.cursors, [panel.id]: name } };
}

/** After scrolling: at either end the cursor goes there too, and what went out of sight is not where Enter acts. */
export function cursorAlong(state: ConsoleState, panel: Panel, to: 'top' | 'bottom' | 'sight'): ConsoleState {
  const lines = linesOf(panel, state);
  const names = lines.map(rowOf);
  const here = cursorRow(lines, state.cursors[panel.id]);
  const [first, behind] = [state.scroll, state.scroll + state.size.rows - consoleRows - frameRows];
  const isAbout = (name: string | undefined): boolean => name !== undefined;
  const inSight = names.map((name, row) => (row >= first && row < behind ? name : undefined));
  const isSeen = !isOnePanel(state) || isAbout(inSight[here]);
  const name = {
    top: () => names.find(isAbout),
    bottom: () => names.findLast(isAbout),
    sight: () => (isSeen ? names[here] : here < first ? inSight.find(isAbout) : inSight.findLast(isAbout)),
  }[to]();
  return name === undefined ? state : { ...state, cursors: { ...state.cursors, [panel.id]: name } };
}

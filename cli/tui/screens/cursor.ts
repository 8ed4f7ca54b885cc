import { cursorRow, viewIn } from '../panels/framed.ts';
import type { Panel } from '../panels/panel.ts';
import type { ConsoleState } from '../store/state.ts';
import { frameRows } from '../ui/frame.ts';
import { traceOf } from '../ui/line.ts';
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
  const events = lines.map(traceOf);
  const at =
    by === 1
      ? events.findIndex((event, row) => row > here && event !== undefined)
      : events.slice(0, here).findLastIndex((event) => event !== undefined);
  const event = events[at];
  if (event === undefined) return undefined;
  const rows = state.size.rows - consoleRows - frameRows;
  // With the screen to itself a panel scrolls; the row must stay in sight.
  const scroll = isOnePanel(state) ? Math.max(at + 1 - rows, Math.min(state.scroll, at)) : state.scroll;
  return { ...state, scroll, cursors: { ...state.cursors, [panel.id]: event } };
}

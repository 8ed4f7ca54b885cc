import type { StoreSnapshot } from '../../../infra/probes/store.ts';
import { type Language, say } from '../../../infra/text.ts';
import { strings } from '../strings.ts';
import { ago } from '../ui/format.ts';
import { foldedLine, frame as frameAround, frameColumns, frameRows, windowed, windowOver } from '../ui/frame.ts';
import { type Line, rowOf, span, type Tone } from '../ui/line.ts';
import type { Panel, PanelView } from './panel.ts';

export interface Drawing {
  readonly frame: StoreSnapshot;
  readonly language: Language;
  readonly nowMs: number;
  readonly focusedId: string;
  /** The row of the focused panel that the cursor is on; absent: its first row that is about an event. */
  readonly cursor?: string | undefined;
}

export interface PanelBox {
  /** Outer size; a height of 1 folds the panel to one line. */
  readonly width: number;
  readonly height: number;
  /** First line in sight, for a panel that can be scrolled. */
  readonly scroll?: number;
}

/** A panel as exactly `height` lines of `width` cells, whatever state it is in. */
export function framedPanel(panel: Panel, drawing: Drawing, box: PanelBox): readonly Line[] {
  const { language, nowMs, focusedId } = drawing;
  const { width, height, scroll = 0 } = box;
  const focused = panel.id === focusedId;
  const title = say(panel.title, language);
  const view = viewIn(panel, drawing, box);
  const mark = { text: view.mark, tone: view.tone };
  if (height === 1) return [foldedLine({ title, mark, summary: view.summary, focused, width })];
  const ageMs = view.takenAtMs === undefined ? undefined : nowMs - view.takenAtMs;
  const at = focused ? cursorRow(view.lines, drawing.cursor) : -1;
  const rows = height - frameRows;
  // With the screen to itself it scrolls; in a small frame the cursor decides what is in sight.
  const from = box.scroll === undefined && at >= 0 ? windowOver({ first: at, last: at }, rows) : scroll;
  const shown = windowed(view.lines, { height: rows, from });
  return frameAround({
    title,
    mark,
    ...(ageMs === undefined ? {} : { note: span(say(ago(ageMs), language), ageMs > oldAfterMs ? 'warning' : 'muted') }),
    lines: shown.lines,
    ...(shown.below > 0 ? { foot: span(say(strings.moreLines(shown.below), language), 'muted') } : {}),
    width,
    height,
    focused,
    tone: edgeTone(view),
    ...(at < 0 ? {} : { cursorAt: at - shown.start }),
  });
}

/** The row the cursor is on, -1 where no row is about an event: by identity, so that it follows its row. */
export function cursorRow(lines: readonly Line[], cursor: string | undefined): number {
  const chosen = cursor === undefined ? -1 : lines.findIndex((content) => rowOf(content) === cursor);
  return chosen >= 0 ? chosen : lines.findIndex((content) => rowOf(content) !== undefined);
}

/** Even a slow probe is read every five seconds; what is older than this is not what is now. */
const oldAfterMs = 8_000;

/** Edges take a tone only where eyes are needed: a healthy screen is calm. */
const edgeTone = ({ state, tone }: PanelView): Tone => (state === 'finding' || state === 'unknown' ? tone : 'muted');

export function viewIn(panel: Panel, drawing: Drawing, { width, height, scroll }: PanelBox): PanelView {
  const { frame, language, nowMs } = drawing;
  return panel.view(frame, {
    width: width - frameColumns,
    height: Math.max(0, height - frameRows),
    scrolls: scroll !== undefined,
    language,
    nowMs,
  });
}

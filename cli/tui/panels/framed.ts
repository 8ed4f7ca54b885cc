import type { StoreSnapshot } from '../../../infra/probes/store.ts';
import { type Language, say } from '../../../infra/text.ts';
import { strings } from '../strings.ts';
import { ago } from '../ui/format.ts';
import { foldedLine, frame as frameAround, frameColumns, frameRows, windowed } from '../ui/frame.ts';
import { type Line, span, type Tone } from '../ui/line.ts';
import type { Panel, PanelView } from './panel.ts';

export interface Drawing {
  readonly frame: StoreSnapshot;
  readonly language: Language;
  readonly nowMs: number;
  readonly focusedId: string;
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
  const shown = windowed(view.lines, { height: height - frameRows, from: scroll });
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
  });
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

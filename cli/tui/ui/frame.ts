import { blank, cut, fit, type Line, type Span, span, spread, type Tone, widthOf } from './line.ts';

export interface FrameOptions {
  readonly title: string;
  /** At the right end of the upper edge: the age of what is shown. */
  readonly note?: Span;
  readonly mark?: { readonly text: string; readonly tone: Tone };
  readonly lines: readonly Line[];
  /** Outer size, edges included. */
  readonly width: number;
  readonly height: number;
  /** Drawn heavy, so that focus is seen without colour. */
  readonly focused?: boolean;
  /** Of the edges. */
  readonly tone?: Tone;
}

const light = { corners: '╭╮╰╯', across: '─', down: '│' };
const heavy = { corners: '┏┓┗┛', across: '━', down: '┃' };

/** Cells of a frame's width and rows of its height that are not for its lines: edges, and a blank beside each. */
export const frameColumns = 4;
export const frameRows = 2;

/** A titled frame around lines: exactly `height` lines of exactly `width` cells. */
export function frame(options: FrameOptions): readonly Line[] {
  const { lines, width, height, focused = false, tone = 'muted' } = options;
  const edge = focused ? heavy : light;
  const edgeTone = focused ? 'accent' : tone;
  const rows = Math.max(0, height - frameRows);
  const side = span(edge.down, edgeTone);
  const body = Array.from({ length: rows }, (_, index): Line => [
    side,
    span(' '),
    ...fit(lines[index] ?? blank, width - frameColumns),
    span(' '),
    side,
  ]);
  const bottom = `${edge.corners[2]}${edge.across.repeat(width - 2)}${edge.corners[3]}`;
  return [upperEdge(options, edge, edgeTone), ...body, [span(bottom, edgeTone)]];
}

function upperEdge({ title, note, mark, width }: FrameOptions, edge: typeof light, tone: Tone): Line {
  const across = (cells: number) => span(edge.across.repeat(Math.max(0, cells)), tone);
  const right = note === undefined ? [] : [span(' '), note, span(' '), across(1)];
  const markSpans = mark === undefined ? [] : [span(`${mark.text} `, mark.tone, { bold: true })];
  const room = width - 2;
  const left = cut([across(1), span(' '), ...markSpans, span(title, 'plain', { bold: true }), span(' ')], room);
  const between = room - widthOf(left) - widthOf(right);
  const inner = between < 0 ? [...left, across(room - widthOf(left))] : [...left, across(between), ...right];
  return [span(edge.corners[0] ?? '', tone), ...inner, span(edge.corners[1] ?? '', tone)];
}

/** A panel that has no room: its mark, title and summary in one line. */
export function foldedLine(options: {
  readonly title: string;
  readonly mark: { readonly text: string; readonly tone: Tone };
  readonly summary: Line;
  readonly focused: boolean;
  readonly width: number;
}): Line {
  const { title, mark, summary, focused, width } = options;
  const head: Line = [
    span(focused ? '›' : ' ', 'accent'),
    span(`${mark.text} `, mark.tone, { bold: true }),
    span(title, focused ? 'accent' : 'plain', { bold: true }),
    span('  '),
  ];
  return spread([...head, ...summary], blank, width);
}

/** Cuts lines to `height`, the last one saying how many are hidden; `from` scrolls. */
export function windowed(
  lines: readonly Line[],
  options: { readonly height: number; readonly from?: number; readonly more?: (hidden: number) => Line },
): readonly Line[] {
  const { height, from = 0, more } = options;
  const start = Math.max(0, Math.min(from, lines.length - height));
  const shown = lines.slice(start, start + height);
  const hidden = lines.length - start - shown.length;
  if (hidden <= 0 || more === undefined || height < 1) return shown;
  return [...shown.slice(0, -1), more(hidden + 1)];
}

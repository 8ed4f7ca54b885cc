import { blank, cut, type Line, padTo, type Span, span, spread, type Tone, widthOf } from './line.ts';

export interface FrameOptions {
  readonly title: string;
  /** At the right end of the upper edge: the age of what is shown. */
  readonly note?: Span;
  /** At the right end of the lower edge: that there is more. */
  readonly foot?: Span;
  readonly mark?: { readonly text: string; readonly tone: Tone };
  readonly lines: readonly Line[];
  /** Outer size, edges included. */
  readonly width: number;
  readonly height: number;
  /** Drawn heavy, so that focus is seen without colour. */
  readonly focused?: boolean;
  /** Of the edges. */
  readonly tone?: Tone;
  /** The line that the cursor is on, marked in the blank beside the edge. */
  readonly cursorAt?: number;
}

const light = { corners: '╭╮╰╯', across: '─', down: '│' };
const heavy = { corners: '┏┓┗┛', across: '━', down: '┃' };

/** Cells of a frame's width and rows of its height that are not for its lines: edges, and a blank beside each. */
export const frameColumns = 4;
export const frameRows = 2;

/** A titled frame around lines: exactly `height` lines of exactly `width` cells. */
export function frame(options: FrameOptions): readonly Line[] {
  const { lines, width, height, focused = false, tone = 'muted', cursorAt } = options;
  const edge = focused ? heavy : light;
  const edgeTone = focused ? 'accent' : tone;
  const rows = Math.max(0, height - frameRows);
  const side = span(edge.down, edgeTone);
  const body = Array.from(
    { length: rows },
    (_, index): Line => [
      side,
      index === cursorAt ? span('›', 'accent', { bold: true }) : span(' '),
      ...padTo(lines[index] ?? blank, width - frameColumns),
      span(' '),
      side,
    ],
  );
  return [upperEdge(options, edge, edgeTone), ...body, lowerEdge(options, edge, edgeTone)];
}

function lowerEdge({ foot, width }: FrameOptions, edge: typeof light, tone: Tone): Line {
  const [left, right] = [span(edge.corners[2] ?? '', tone), span(edge.corners[3] ?? '', tone)];
  const across = (cells: number) => span(edge.across.repeat(Math.max(0, cells)), tone);
  const room = width - 2;
  const note: Line = foot === undefined ? [] : [span(' '), foot, span(' '), across(1)];
  return widthOf(note) > room ? [left, across(room), right] : [left, across(room - widthOf(note)), ...note, right];
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

/** The lines of a window `height` high that begins at `from`, where it really begins, and how many lie below it. */
export function windowed(
  lines: readonly Line[],
  { height, from = 0 }: { readonly height: number; readonly from?: number },
): { readonly lines: readonly Line[]; readonly start: number; readonly below: number } {
  const start = Math.max(0, Math.min(from, lines.length - height));
  const shown = lines.slice(start, start + height);
  return { lines: shown, start, below: lines.length - start - shown.length };
}

/** Where a window must begin to have the lines `first`–`last` in sight, as near to the top as it can. */
export const windowOver = (
  { first, last }: { readonly first: number; readonly last: number },
  height: number,
): number => Math.min(first, Math.max(0, last + 1 - height));

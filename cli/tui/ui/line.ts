import stringWidth from 'string-width';
import { printable } from '../../../infra/text.ts';

/**
 * What the console draws: lines of spans with a tone, not a colour. Rows are built by pure functions as lines, measured in
 * terminal cells, and only the last step (ui/draw.tsx on a screen, once.ts in a pipe) gives a tone its look.
 */
export type Tone = 'plain' | 'muted' | 'accent' | 'ok' | 'warning' | 'critical' | 'unknown';

export interface Span {
  readonly text: string;
  readonly tone?: Tone;
  readonly bold?: boolean;
  readonly inverse?: boolean;
  /** The event that this row is about, as `labctl trace` takes it: Enter on the row shows where that event is. */
  readonly trace?: string;
  /** What stays the same while the row is about one event after the other: the cursor follows it. */
  readonly row?: string;
}

export type Line = readonly Span[];

type Style = Omit<Span, 'text' | 'tone'>;

/** Whatever text gets here, nothing in it can move the cursor: the last guard before the screen. */
export const span = (text: string, tone: Tone = 'plain', style: Style = {}): Span => ({
  text: printable(text).replaceAll(/[\n\t]/g, ' '),
  tone,
  ...style,
});
export const line = (text: string, tone: Tone = 'plain', style: Style = {}): Line => [span(text, tone, style)];
export const blank: Line = [];

/** The row is about one event, if there is one; see Span. */
export function traced(content: Line, event: string | undefined, row = event): Line {
  const [first, ...rest] = content;
  if (first === undefined || event === undefined || row === undefined) return content;
  return [{ ...first, trace: event, row }, ...rest];
}

const aboutIn = (content: Line): Span | undefined => content.find(({ trace }) => trace !== undefined);

export const traceOf = (content: Line): string | undefined => aboutIn(content)?.trace;

/** By what the cursor knows a row that is about an event. */
export const rowOf = (content: Line): string | undefined => aboutIn(content)?.row;

const graphemes = new Intl.Segmenter();

/** Cells a text takes: 1 for Latin, 2 for Hangul. ASCII is by far the most of it and needs no segmenting. */
export function widthOfText(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

export const widthOf = (content: Line): number => content.reduce((sum, { text }) => sum + widthOfText(text), 0);

export const textOf = (content: Line): string => content.map(({ text }) => text).join('');

/** Cuts a text to at most `width` cells, ending in an ellipsis where something was cut. */
export function cutText(text: string, width: number): string {
  if (widthOfText(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const cells = widthOfText(segment);
    if (used + cells > width - 1) break;
    kept += segment;
    used += cells;
  }
  return `${kept}…`;
}

/** Cuts a line to at most `width` cells. */
export function cut(content: Line, width: number): Line {
  if (widthOf(content) <= width) return content;
  const kept: Span[] = [];
  let left = width;
  for (const part of content) {
    const cells = widthOfText(part.text);
    if (cells < left) {
      kept.push(part);
      left -= cells;
      continue;
    }
    // One cell more than is left forces the ellipsis even where this part would just fit: something follows it.
    const text = cells === left ? cutText(`${part.text} `, left) : cutText(part.text, left);
    kept.push({ ...part, text });
    break;
  }
  return kept;
}

/** Exactly `width` cells: cut or padded with blanks. */
export function padTo(content: Line, width: number): Line {
  const short = cut(content, width);
  const missing = width - widthOf(short);
  return missing > 0 ? [...short, { text: ' '.repeat(missing) }] : short;
}

/** `left` and `right` at the two ends of `width` cells; `left` is cut first. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - widthOf(right);
  if (room <= 0) return cut(right, width);
  return [...padTo(left, room), ...right];
}

export function join(parts: readonly Line[], separator: Line): Line {
  return parts.flatMap((part, index) => (index === 0 ? part : [...separator, ...part]));
}

/** Cells one after the other, two blanks apart, in as many lines as it takes; a cell is never broken. */
export function flow(
  cells: readonly Line[],
  { width, indent }: { readonly width: number; readonly indent: number },
): readonly Line[] {
  const lines: Line[] = [];
  for (const cell of cells) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 2 + widthOf(cell) <= width)
      lines[lines.length - 1] = [...last, span('  '), ...cell];
    else lines.push(cut([span(' '.repeat(indent)), ...cell], width));
  }
  return lines;
}

/** Breaks a text into lines of at most `width` cells, at blanks where there are any. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  const flush = (): void => {
    if (current !== '') lines.push(current);
    current = '';
  };
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const candidate = current === '' ? word : `${current} ${word}`;
    if (widthOfText(candidate) <= width) {
      current = candidate;
      continue;
    }
    flush();
    let rest = word;
    while (widthOfText(rest) > width) {
      const head = hardCut(rest, width);
      lines.push(head);
      rest = rest.slice(head.length);
    }
    current = rest;
  }
  flush();
  return lines;
}

function hardCut(text: string, width: number): string {
  let kept = '';
  for (const { segment } of graphemes.segment(text)) {
    if (kept !== '' && widthOfText(kept + segment) > width) break;
    kept += segment;
  }
  return kept;
}

/** The same line in fewer spans: blanks join what stands before them, equal looks join each other. */
export function merged(content: Line): Line {
  const spans: Span[] = [];
  for (const part of content) {
    const before = spans.at(-1);
    if (before !== undefined && (isSameLook(before, part) || isBlankBeside(before, part)))
      spans[spans.length - 1] = { ...before, text: before.text + part.text };
    else spans.push(part);
  }
  return spans;
}

const isSameLook = (a: Span, b: Span): boolean =>
  (a.tone ?? 'plain') === (b.tone ?? 'plain') && a.bold === b.bold && a.inverse === b.inverse;

const isBlankBeside = (before: Span, { text, inverse }: Span): boolean =>
  before.inverse !== true && inverse !== true && text.trim() === '';

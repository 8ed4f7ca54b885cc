import type { TextProps } from 'ink';
import type { Span, Tone } from './ui/line.ts';

export interface Look {
  /** Draws with ASCII only: for terminals that show box and block characters two cells wide, or not at all. */
  readonly ascii: boolean;
  /** False for NO_COLOR and `--theme mono`: Ink itself does not know NO_COLOR, so tones lose their colour here. */
  readonly colour: boolean;
}

/** The terminal's own 16 colours, so that the operator's theme, light or dark, stays in charge. */
const colours: Readonly<Record<Tone, TextProps['color']>> = {
  plain: undefined,
  muted: 'gray',
  accent: 'cyan',
  ok: 'green',
  warning: 'yellow',
  critical: 'red',
  unknown: 'magenta',
};

/** Colour never stands alone: a tone that says something always comes with a mark or a word. */
export function styleOf({ tone = 'plain', bold, inverse }: Span, look: Look): TextProps {
  const color = look.colour ? colours[tone] : undefined;
  return {
    ...(color === undefined ? {} : { color }),
    ...(tone === 'muted' && !look.colour ? { dimColor: true } : {}),
    ...(bold === true ? { bold } : {}),
    ...(inverse === true ? { inverse } : {}),
  };
}

/** Every glyph beyond ASCII that the console's own text and frames use, with a stand-in of the same width. */
const asciiOf = new Map(
  Object.entries({
    '─': '-',
    '│': '|',
    '╭': '+',
    '╮': '+',
    '╰': '+',
    '╯': '+',
    '━': '=',
    '┃': '#',
    '┏': '#',
    '┓': '#',
    '┗': '#',
    '┛': '#',
    '▸': '>',
    '›': '>',
    '→': '>',
    '↑': '^',
    '↓': 'v',
    '●': '*',
    '○': 'o',
    '◌': '.',
    '✓': '+',
    '✗': 'x',
    '·': '-',
    '…': '~',
    '—': '-',
    '▁': '_',
    '▂': '.',
    '▃': ':',
    '▄': '-',
    '▅': '=',
    '▆': '+',
    '▇': '*',
    '█': '#',
    '▏': '.',
    '▎': '.',
    '▍': ':',
    '▌': ':',
    '▋': '=',
    '▊': '=',
    '▉': '#',
  }),
);

/** The text in ASCII, cell for cell; letters of other scripts (Hangul) are content and stay. */
export function inAscii(text: string): string {
  return /^[ -~]*$/.test(text) ? text : [...text].map((glyph) => asciiOf.get(glyph) ?? brailleInAscii(glyph)).join('');
}

function brailleInAscii(glyph: string): string {
  const bits = (glyph.codePointAt(0) ?? 0) - 0x2800;
  if (bits < 0 || bits > 0xff) return glyph;
  const raised = bits.toString(2).replaceAll('0', '').length;
  return raised === 0 ? ' ' : raised < 3 ? '.' : raised < 6 ? ':' : '#';
}

export const glyphs = (text: string, look: Look): string => (look.ascii ? inAscii(text) : text);

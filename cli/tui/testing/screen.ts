import stringWidth from 'string-width';
import type { Size } from '../store/state.ts';

const graphemes = new Intl.Segmenter();

/** The sequences that Ink and this console write; any other one fails the test that met it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are spoken to in control characters
const sequence = /\u001b(?:\[(?<parameters>[?\d;]*)(?<final>[A-Za-z])|\](?<command>[^\u0007]*)\u0007)/y;

/**
 * A terminal's screen in memory: applies what was written to it, so that tests see what an operator sees, with Ink's
 * incremental updates and all. A text beyond the right edge wraps, as on a terminal, and is counted.
 */
export class Screen {
  size: Size;
  cursor = { row: 0, column: 0 };
  cursorShown = true;
  alternate = false;
  /** Characters that fell off the right edge. */
  overflows = 0;
  /** Payloads of OSC sequences: `52;c;…` */
  readonly commands: string[] = [];
  #rows: string[][];

  constructor(size: Size) {
    this.size = size;
    this.#rows = emptyRows(size);
  }

  rows(): readonly string[] {
    return this.#rows.map((cells) => cells.join(''));
  }

  /** A terminal keeps what fits of its screen. */
  resize(size: Size): void {
    const before = this.#rows;
    this.size = size;
    this.#rows = emptyRows(size).map((cells, row) => cells.map((_, column) => before[row]?.[column] ?? ' '));
    this.cursor = {
      row: Math.min(this.cursor.row, size.rows - 1),
      column: Math.min(this.cursor.column, size.columns - 1),
    };
  }

  write(data: string): void {
    let at = 0;
    while (at < data.length) {
      sequence.lastIndex = at;
      const found = sequence.exec(data);
      if (found !== null) {
        this.#apply(found.groups ?? {}, found[0]);
        at = sequence.lastIndex;
        continue;
      }
      const next = data.indexOf('\u001b', at + 1);
      const text = data.slice(at, next < 0 ? undefined : next);
      for (const { segment } of graphemes.segment(text)) this.#put(segment);
      at += text.length;
    }
  }

  #put(segment: string): void {
    if (segment === '\r') this.cursor.column = 0;
    else if (segment === '\n' || segment === '\r\n') this.#newLine();
    else {
      const width = stringWidth(segment);
      if (this.cursor.column + width > this.size.columns) {
        this.overflows += 1;
        this.#newLine();
      }
      const cells = this.#rows[this.cursor.row];
      if (cells === undefined) return;
      cells[this.cursor.column] = segment;
      if (width === 2) cells[this.cursor.column + 1] = '';
      this.cursor.column += width;
    }
  }

  #newLine(): void {
    this.cursor.column = 0;
    if (this.cursor.row < this.size.rows - 1) this.cursor.row += 1;
    else this.#rows = [...this.#rows.slice(1), emptyRow(this.size)];
  }

  #apply({ parameters = '', final, command }: Partial<Record<string, string>>, whole: string): void {
    if (command !== undefined) {
      this.commands.push(command);
      return;
    }
    const count = Number(parameters.split(';')[0]) || 1;
    const { rows, columns } = this.size;
    switch (final) {
      case 'A':
        this.cursor.row = Math.max(0, this.cursor.row - count);
        return;
      case 'B':
        this.cursor.row = Math.min(rows - 1, this.cursor.row + count);
        return;
      case 'C':
        this.cursor.column = Math.min(columns - 1, this.cursor.column + count);
        return;
      case 'E':
        this.cursor = { row: Math.min(rows - 1, this.cursor.row + count), column: 0 };
        return;
      case 'G':
        this.cursor.column = Math.min(columns, count) - 1;
        return;
      case 'H':
        this.cursor = { row: count - 1, column: (Number(parameters.split(';')[1]) || 1) - 1 };
        return;
      case 'J':
        this.#eraseBelow(parameters === '2');
        return;
      case 'K':
        this.#eraseInRow(parameters === '2' ? 0 : this.cursor.column);
        return;
      case 'h':
      case 'l':
        this.#mode(parameters, final === 'h');
        return;
      case 'm':
        return;
      default:
        throw new Error(`a sequence this screen does not know: ${JSON.stringify(whole)}`);
    }
  }

  #mode(parameters: string, on: boolean): void {
    if (parameters === '?25') this.cursorShown = on;
    if (parameters === '?1049') this.alternate = on;
    if (parameters === '?1049' && on) this.#rows = emptyRows(this.size);
  }

  #eraseBelow(all: boolean): void {
    if (!all) this.#eraseInRow(this.cursor.column);
    this.#rows = this.#rows.map((cells, row) => (all || row > this.cursor.row ? emptyRow(this.size) : cells));
  }

  #eraseInRow(from: number): void {
    this.#rows[this.cursor.row]?.fill(' ', from);
  }
}

const emptyRow = ({ columns }: Size): string[] => new Array<string>(columns).fill(' ');
const emptyRows = (size: Size): string[][] => Array.from({ length: size.rows }, () => emptyRow(size));

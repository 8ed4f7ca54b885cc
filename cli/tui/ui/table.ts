import { cut, type Line, padTo, type Span, widthOf } from './line.ts';

export interface Column {
  readonly align?: 'left' | 'right';
  /** The first of these that is shown takes what is left over, and gives way when there is too little. */
  readonly grow?: boolean;
  /** A growing column of free text may be cut to this before another one is dropped; else nothing is cut before. */
  readonly min?: number;
  /** Dropped when the table does not padTo, the highest number first; without a number it stays. */
  readonly drop?: number;
}

const gap = 2;

/**
 * Lays cells out in columns of their natural width. What does not fit loses its droppable columns, then its growing
 * column is cut; no line is ever wider than `width`.
 */
export function table(
  rows: readonly (readonly Line[])[],
  { width, columns }: { readonly width: number; readonly columns: readonly Column[] },
): readonly Line[] {
  const natural = columns.map((_, index) => Math.max(0, ...rows.map((row) => widthOf(row[index] ?? []))));
  const kept = dropUntilFits(columns, natural, width);
  const used = kept.reduce((sum, index) => sum + (natural[index] ?? 0), 0) + gap * Math.max(0, kept.length - 1);
  const growing = kept.find((index) => columns[index]?.grow === true) ?? kept[0];
  const widths = natural.map((cells, index) =>
    index === growing ? Math.max(1, cells + (columns[index]?.grow === true || used > width ? width - used : 0)) : cells,
  );
  return rows.map((row) => cut(rowLine({ row, kept, widths, columns }), width));
}

function dropUntilFits(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  let kept = columns.map((_, index) => index).filter((index) => (natural[index] ?? 0) > 0);
  const needed = (indexes: readonly number[]): number =>
    indexes.reduce((sum, index) => {
      const cells = natural[index] ?? 0;
      return sum + Math.min(cells, columns[index]?.min ?? cells);
    }, 0) +
    gap * Math.max(0, indexes.length - 1);
  while (needed(kept) > width) {
    const next = kept
      .filter((index) => columns[index]?.drop !== undefined)
      .sort((a, b) => (columns[b]?.drop ?? 0) - (columns[a]?.drop ?? 0))[0];
    if (next === undefined) break;
    kept = kept.filter((index) => index !== next);
  }
  return kept;
}

function rowLine(options: {
  readonly row: readonly Line[];
  readonly kept: readonly number[];
  readonly widths: readonly number[];
  readonly columns: readonly Column[];
}): Line {
  const { row, kept, widths, columns } = options;
  const spans: Span[] = [];
  for (const [position, index] of kept.entries()) {
    if (position > 0) spans.push({ text: ' '.repeat(gap) });
    const cell = cut(row[index] ?? [], widths[index] ?? 0);
    const room = (widths[index] ?? 0) - widthOf(cell);
    if (columns[index]?.align === 'right') spans.push({ text: ' '.repeat(room) }, ...cell);
    else spans.push(...padTo(cell, widths[index] ?? 0));
  }
  return spans.filter(({ text }) => text !== '');
}

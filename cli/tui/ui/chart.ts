/** A sample of a trend; undefined is a moment at which the value was unknown, drawn as a gap and never as 0. */
export type Sample = number | undefined;

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const gapMark = '·';

/**
 * One row of blocks, the newest sample at the right; shorter trends leave the left end blank.
 * @param calm full height stands for this much at least, so that a trend of small values stays low and quiet.
 */
export function sparkline(samples: readonly Sample[], width: number, calm = 0): string {
  const shown = samples.slice(-width);
  const max = Math.max(calm, highest(shown));
  const cells = shown.map((sample) => {
    if (sample === undefined) return gapMark;
    if (max === 0) return blocks[0];
    return blocks[Math.min(blocks.length - 1, Math.floor((sample / max) * blocks.length))];
  });
  return cells.join('').padStart(width);
}

export const highest = (samples: readonly Sample[]): number =>
  samples.reduce<number>((max, sample) => Math.max(max, sample ?? 0), 0);

/** A bar of `width` cells, filled by `value / max` in eighths. Any value above 0 shows at least one eighth. */
export function bar(value: number, max: number, width: number): string {
  const eighths = max <= 0 ? 0 : Math.round(Math.min(1, value / max) * width * 8);
  const filled = value > 0 ? Math.max(1, eighths) : 0;
  const part = partial[filled % 8] ?? '';
  return `${'█'.repeat(Math.floor(filled / 8))}${part}`.padEnd(width);
}

const partial = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Bits of the braille patterns (U+2800) by column and row within a cell: 2 × 4 dots. */
const dots = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

/**
 * A line chart in braille, two samples a cell wide, four dots a cell high, the newest sample at the right. Neighbouring
 * samples are joined; an unknown sample leaves a gap.
 * @param calm as for a sparkline.
 * @returns `height` rows of exactly `width` cells.
 */
export function brailleChart(
  samples: readonly Sample[],
  { width, height, calm = 0 }: { readonly width: number; readonly height: number; readonly calm?: number },
): readonly string[] {
  const cells = Array.from({ length: height }, () => new Array<number>(width).fill(0));
  const shown = samples.slice(-width * 2);
  const max = Math.max(calm, highest(shown));
  const top = height * 4 - 1;
  const heights = shown.map((sample) =>
    sample === undefined ? undefined : max === 0 ? 0 : Math.round((sample / max) * top),
  );
  const first = width * 2 - shown.length;
  for (const [index, dot] of heights.entries()) {
    if (dot === undefined) continue;
    const before = heights[index - 1] ?? dot;
    for (let y = Math.min(before, dot); y <= Math.max(before, dot); y++) plot(cells, first + index, top - y);
  }
  return cells.map((row) => row.map((bits) => (bits === 0 ? ' ' : String.fromCodePoint(0x2800 + bits))).join(''));
}

function plot(cells: number[][], x: number, y: number): void {
  const row = cells[Math.floor(y / 4)];
  const column = Math.floor(x / 2);
  const bit = dots[x % 2 === 0 ? 0 : 1][y % 4];
  if (row === undefined || bit === undefined) return;
  row[column] = (row[column] ?? 0) | bit;
}

import { shortened } from '../../infra/text.ts';

/**
 * Plain columns for people, the first row being the heading. Wide characters count as two cells.
 * @param rightAligned indexes of columns that hold numbers.
 */
export async function plainTable(
  rows: readonly (readonly string[])[],
  rightAligned: readonly number[] = [],
): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const none = '';
  const table = new Table({
    chars: {
      top: none,
      'top-mid': none,
      'top-left': none,
      'top-right': none,
      bottom: none,
      'bottom-mid': none,
      'bottom-left': none,
      'bottom-right': none,
      left: none,
      'left-mid': none,
      mid: none,
      'mid-mid': none,
      right: none,
      'right-mid': none,
      middle: '  ',
    },
    colAligns: (rows[0] ?? []).map((_, column) => (rightAligned.includes(column) ? 'right' : 'left')),
    // No colours: what is piped stays plain.
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => row.map((cell) => shortened(cell, cellMax))));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** A cell that comes from an engine can be a megabyte long. */
const cellMax = 500;

/** The same rows as a table of GitHub's markdown. Nothing inside a cell can end it, begin a row, or become markup. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [heading = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...body.map(line)].join('\n');
}

/** One line that markdown shows as it is. */
export function markdownText(text: string): string {
  return shortened(text, cellMax)
    .replaceAll(/[\\|`*<[\]]/g, '\\$&')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

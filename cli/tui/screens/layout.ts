import { frameRows } from '../ui/frame.ts';

/** What a panel asks of a column. */
export interface Ask {
  readonly id: string;
  /** Lines it has to show. */
  readonly lines: number;
  /** It can make use of more rows than its lines take. */
  readonly grows: boolean;
  /** Something in it needs eyes: it gives way last. */
  readonly urgent: boolean;
  /** The target has nothing for it to show: folded, unless it has the focus. */
  readonly lacking?: boolean;
}

export interface Place {
  readonly id: string;
  /** Rows it gets, edges included; 1: folded to its summary. */
  readonly height: number;
}

const foldedHeight = 1;
/** Two lines inside the edges: less says nothing that a folded panel does not. */
const openHeightMin = frameRows + 2;

/**
 * Shares the rows of a column among its panels, top to bottom. With rows to spare, the growing ones get them; with too
 * few, the largest calm ones give way first; what is still too much folds, the urgent and the focused one last.
 */
export function stack(asks: readonly Ask[], rows: number, focusedId: string): readonly Place[] {
  const open = foldUntilFits(asks, rows, focusedId);
  const heights = new Map(
    asks.map(({ id, lines }) => [id, open.has(id) ? Math.max(openHeightMin, lines + frameRows) : foldedHeight]),
  );
  const sum = (): number => [...heights.values()].reduce((total, height) => total + height, 0);
  const heightOf = ({ id }: Ask): number => heights.get(id) ?? 0;
  while (sum() > rows) {
    const next = asks
      .filter((ask) => open.has(ask.id) && heightOf(ask) > openHeightMin)
      .reverse() // of equals the lower one
      .sort((a, b) => Number(a.urgent) - Number(b.urgent) || heightOf(b) - heightOf(a))[0];
    if (next === undefined) break;
    heights.set(next.id, heightOf(next) - 1);
  }
  shareOut(rows - sum(), { asks, open, heights });
  return asks.map(({ id }) => ({ id, height: heights.get(id) ?? foldedHeight }));
}

/**
 * Which panels of a column are shown at all. Folded, each takes a row, the focused one is open; where that is too much, as
 * many as fit around the focused one, beside a row at each end that says how many more there are.
 */
export function inSight(
  ids: readonly string[],
  rows: number,
  focusedId: string,
): { readonly from: number; readonly to: number } {
  const focused = ids.indexOf(focusedId);
  const opened = focused >= 0 && rows >= openHeightMin ? openHeightMin - foldedHeight : 0;
  if (ids.length + opened <= rows) return { from: 0, to: ids.length };
  const shown = Math.max(1, rows - opened - 2);
  const from = Math.max(0, Math.min(Math.max(0, focused) - Math.floor(shown / 2), ids.length - shown));
  return { from, to: Math.min(ids.length, from + shown) };
}

function foldUntilFits(asks: readonly Ask[], rows: number, focusedId: string): ReadonlySet<string> {
  const open = new Set(asks.filter(({ id, lacking }) => lacking !== true || id === focusedId).map(({ id }) => id));
  const least = (): number => open.size * openHeightMin + (asks.length - open.size) * foldedHeight;
  const isFocused = ({ id }: Ask): number => Number(id === focusedId);
  const order = [...asks].reverse().sort((a, b) => isFocused(a) - isFocused(b) || Number(a.urgent) - Number(b.urgent));
  for (const { id } of order) {
    if (least() <= rows) break;
    open.delete(id);
  }
  return open;
}

function shareOut(
  spare: number,
  {
    asks,
    open,
    heights,
  }: { readonly asks: readonly Ask[]; readonly open: ReadonlySet<string>; readonly heights: Map<string, number> },
): void {
  const opened = asks.filter(({ id }) => open.has(id));
  const growing = opened.filter(({ grows }) => grows);
  const takers = growing.length > 0 ? growing : opened.slice(-1);
  for (let left = spare, turn = 0; left > 0 && takers.length > 0; left--, turn++) {
    const taker = takers[turn % takers.length];
    if (taker !== undefined) heights.set(taker.id, (heights.get(taker.id) ?? 0) + 1);
  }
}

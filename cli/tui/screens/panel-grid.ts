import { type Drawing, framedPanel, viewIn } from '../panels/framed.ts';
import type { Panel } from '../panels/panel.ts';
import type { Line } from '../ui/line.ts';
import { stack } from './layout.ts';

export interface GridColumn {
  readonly width: number;
  readonly lines: readonly Line[];
}

/** From this width on panels stand in two columns. */
const twoColumnsFrom = 76;

/**
 * Panels in one or two columns that together are exactly `width` × `height`.
 * @param columns the panels of each column, top to bottom; in one column they follow each other turn by turn.
 */
export function panelGrid(
  columns: readonly (readonly Panel[])[],
  drawing: Drawing,
  { width, height }: { readonly width: number; readonly height: number },
): readonly GridColumn[] {
  if (width < twoColumnsFrom) return [gridColumn(turnByTurn(columns), drawing, { width, height })];
  const share = Math.floor(width / columns.length);
  return columns.map((panels, index) =>
    gridColumn(panels, drawing, { width: index === columns.length - 1 ? width - share * index : share, height }),
  );
}

export function turnByTurn<T>(columns: readonly (readonly T[])[]): readonly T[] {
  const longest = Math.max(0, ...columns.map(({ length }) => length));
  return Array.from({ length: longest }, (_, row) => columns.flatMap((column) => column.slice(row, row + 1))).flat();
}

function gridColumn(
  panels: readonly Panel[],
  drawing: Drawing,
  { width, height }: { readonly width: number; readonly height: number },
): GridColumn {
  // Asked with no rows at all, a panel gives the lines it must show, without what it would add in spare rows.
  const asks = panels.map((panel) => {
    const { lines, state } = viewIn(panel, drawing, { width, height: 0 });
    const urgent = state === 'finding' || state === 'unknown';
    return { id: panel.id, lines: lines.length, grows: panel.grows, urgent };
  });
  const places = new Map(stack(asks, height, drawing.focusedId).map((place) => [place.id, place.height]));
  return {
    width,
    lines: panels.flatMap((panel) => framedPanel(panel, drawing, { width, height: places.get(panel.id) ?? 1 })),
  };
}

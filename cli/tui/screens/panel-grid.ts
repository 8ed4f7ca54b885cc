import { type Language, say } from '../../../infra/text.ts';
import { type Drawing, framedPanel, viewIn } from '../panels/framed.ts';
import type { Panel, PanelView } from '../panels/panel.ts';
import { strings } from '../strings.ts';
import { blank, cut, type Line, span } from '../ui/line.ts';
import { inSight, stack } from './layout.ts';

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

/** One column of panels: exactly `height` lines. Where not even folded ones fit, it shows those around the focused one. */
export function gridColumn(
  panels: readonly Panel[],
  drawing: Drawing,
  { width, height }: { readonly width: number; readonly height: number },
): GridColumn {
  const { language, focusedId } = drawing;
  // Asked with no rows at all, a panel gives the lines it must show, without what it would add in spare rows.
  const views = panels.map((panel) => ({ panel, view: viewIn(panel, drawing, { width, height: 0 }) }));
  const { from, to } = inSight(
    panels.map(({ id }) => id),
    height,
    focusedId,
  );
  const asks = views.slice(from, to).map(({ panel: { id, grows }, view: { lines, state } }) => {
    const urgent = state === 'finding' || state === 'unknown';
    return { id, lines: lines.length, grows, urgent, lacking: state === 'not-mapped' || state === 'not-read' };
  });
  const above = moreLine('↑', views.slice(0, from), { language, width });
  const below = moreLine('↓', views.slice(to), { language, width });
  const rows = height - above.length - below.length;
  const places = new Map(stack(asks, rows, focusedId).map((place) => [place.id, place.height]));
  const lines = panels
    .slice(from, to)
    .flatMap((panel) => framedPanel(panel, drawing, { width, height: places.get(panel.id) ?? 1 }));
  const spare = Array.from({ length: Math.max(0, rows - lines.length) }, () => blank);
  return { width, lines: [...above, ...lines, ...spare, ...below] };
}

type Seen = { readonly panel: Panel; readonly view: PanelView };

/** Panels out of sight: how many, and how many of them need eyes. */
function moreLine(
  arrow: string,
  hidden: readonly Seen[],
  { language, width }: { readonly language: Language; readonly width: number },
): readonly Line[] {
  if (hidden.length === 0) return [];
  const troubled = hidden.filter(({ view: { state } }) => state === 'finding' || state === 'unknown');
  const worst = troubled.find(({ view }) => view.tone === 'critical') ?? troubled[0];
  const trouble: Line =
    worst === undefined
      ? []
      : [span(' · ', 'muted'), span(`${worst.view.mark} ${troubled.length}`, worst.view.tone, { bold: true })];
  return [cut([span(`  ${arrow} ${say(strings.morePanels(hidden.length), language)}`, 'muted'), ...trouble], width)];
}

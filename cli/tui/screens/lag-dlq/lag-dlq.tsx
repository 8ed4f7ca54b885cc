import { Box } from 'ink';
import { printable, say } from '../../../../infra/text.ts';
import type { Drawing } from '../../panels/framed.ts';
import { panels } from '../../panels/index.ts';
import { marks, type Panel } from '../../panels/panel.ts';
import type { DiagnosisOutline } from '../../store/diagnoses.ts';
import { useConsole } from '../../store/use-console.ts';
import { Draw } from '../../ui/draw.tsx';
import { lasting } from '../../ui/format.ts';
import { cut, type Line, span } from '../../ui/line.ts';
import { drawingOf } from '../enlarged.ts';
import { focusedId } from '../focus.ts';
import { type Problem, problemLines, problemsOf } from '../overview/problems.ts';
import { type GridColumn, gridColumn } from '../panel-grid.ts';
import type { BodyProps } from '../screen.ts';
import { lagDlqColumns, lagDlqPanels } from './panels.ts';

/** What these panels found, in words; then the panels: their tables are wide, so two columns only on a wide screen. */
export function LagDlq({ width, height, look }: BodyProps) {
  const state = useConsole((whole) => whole);
  const drawing = drawingOf(state, focusedId({ id: 'lag-dlq', panels: () => lagDlqPanels }, state));
  const { head, columns } = lagDlqParts(lagDlqColumns(panels), drawing, {
    width,
    height,
    diagnoses: state.diagnoses.list,
  });
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Draw lines={head} width={width} look={look} />
      <Box flexDirection="row">
        {columns.map((column, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity
          <Draw key={index} lines={column.lines} width={column.width} look={look} />
        ))}
      </Box>
    </Box>
  );
}

interface Area {
  readonly width: number;
  readonly height: number;
  /** What can be asked about a problem. */
  readonly diagnoses?: readonly DiagnosisOutline[];
}

/** From this width on there are two columns, each as wide as a small screen. */
const twoColumnsFrom = 150;

/** Pure: all that the screen draws. */
export function lagDlqParts(
  columns: readonly (readonly Panel[])[],
  drawing: Drawing,
  { width, height, diagnoses = [] }: Area,
): { readonly head: readonly Line[]; readonly columns: readonly GridColumn[] } {
  const shown = width < twoColumnsFrom || columns.length === 1 ? [columns.flat()] : columns;
  const head = headLines(columns.flat(), drawing, { width, height, diagnoses });
  const rows = height - head.length;
  const share = Math.floor(width / shown.length);
  return {
    head,
    columns: shown.map((inColumn, index) => {
      const isLast = index === shown.length - 1;
      return gridColumn(inColumn, drawing, { width: isLast ? width - share * index : share, height: rows });
    }),
  };
}

const headRowsMax = 4;
/** On a smaller screen the panels, which show the same in numbers, need the rows more. */
const roomyFrom = 30;
const shortRowsMax = 2;

function headLines(
  shown: readonly Panel[],
  { frame, language, nowMs }: Drawing,
  { width, height, diagnoses = [] }: Area,
): readonly Line[] {
  const probes: readonly string[] = shown.map(({ probeId }) => probeId);
  const problems = problemsOf(frame).filter(({ sources }) => sources.some((id) => probes.includes(id)));
  const inside = { width: width - 1, language, nowMs, diagnoses };
  const lines =
    height < roomyFrom
      ? problems.slice(0, shortRowsMax).map((problem) => shortLine(problem, inside))
      : problemLines(problems, inside).slice(0, headRowsMax);
  return lines.map((row): Line => [span(' '), ...row]);
}

/** Cut, not wrapped: the Overview has all of it. */
function shortLine(
  { tone, text, sinceMs }: Problem,
  { width, language, nowMs }: Pick<Drawing, 'language' | 'nowMs'> & { readonly width: number },
): Line {
  const age = say(lasting(nowMs - sinceMs), language);
  const words = printable(say(text, language));
  return cut([span(`${marks[tone]}  `, tone, { bold: true }), span(`${age}  `, 'muted'), span(words)], width);
}

import { Box } from 'ink';
import { say } from '../../../../infra/text.ts';
import type { Drawing } from '../../panels/framed.ts';
import type { DiagnosisOutline } from '../../store/diagnoses.ts';
import { useConsole } from '../../store/use-console.ts';
import { strings } from '../../strings.ts';
import { Draw } from '../../ui/draw.tsx';
import { frame, frameColumns, frameRows, windowed } from '../../ui/frame.ts';
import { type Line, line, span } from '../../ui/line.ts';
import { drawingOf } from '../enlarged.ts';
import { focusedId } from '../focus.ts';
import { panelGrid } from '../panel-grid.ts';
import type { BodyProps } from '../screen.ts';
import { overviewColumns, overviewPanels } from './panels.ts';
import { calmLine, isAllDown, problemLines, problemsOf } from './problems.ts';

/** Problems first, each with since when; a calm line when there are none; then every panel. */
export function Overview({ width, height, look }: BodyProps) {
  const state = useConsole((whole) => whole);
  const drawing = drawingOf(state, focusedId({ id: 'overview', panels: () => overviewPanels }, state));
  const { openedAtMs, diagnoses } = state;
  const head = overviewHead(drawing, { width, height, openedAtMs, diagnoses: diagnoses.list });
  const columns = panelGrid(overviewColumns, drawing, { width, height: height - head.length });
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

/** The problems, framed, at most a third of the screen; or the calm line. */
export function overviewHead(
  drawing: Drawing,
  {
    width,
    height,
    openedAtMs,
    diagnoses,
  }: {
    readonly width: number;
    readonly height: number;
    readonly openedAtMs: number;
    readonly diagnoses: readonly DiagnosisOutline[];
  },
): readonly Line[] {
  const { language, nowMs } = drawing;
  const problems = problemsOf(drawing.frame);
  if (problems.length === 0) return [calmLine(drawing.frame, { language, nowMs, openedAtMs })];
  const lines = [
    ...(isAllDown(drawing.frame) ? [line(say(strings.allDown, language), 'accent')] : []),
    ...problemLines(problems, { width: width - frameColumns, language, nowMs, diagnoses }),
  ];
  const rows = Math.min(lines.length, Math.max(1, Math.floor(height / 3) - frameRows));
  const shown = windowed(lines, { height: rows });
  const worst = problems[0]?.tone ?? 'warning';
  return frame({
    title: say(strings.problems(problems.length), language),
    lines: shown.lines,
    ...(shown.below > 0 ? { foot: span(say(strings.moreProblems(shown.below), language), 'muted') } : {}),
    width,
    height: rows + frameRows,
    tone: worst,
  });
}

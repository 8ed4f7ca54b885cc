import { Box } from 'ink';
import { type Language, printable, say } from '../../../../infra/text.ts';
import type { Drawing } from '../../panels/framed.ts';
import { marks } from '../../panels/panel.ts';
import { shownAtMs, shownFrame } from '../../store/state.ts';
import { useConsole } from '../../store/use-console.ts';
import { Draw } from '../../ui/draw.tsx';
import { lasting } from '../../ui/format.ts';
import { cut, type Line, span } from '../../ui/line.ts';
import { focusedPanelId } from '../focus.ts';
import { type Problem, problemLines, problemsOf } from '../overview/problems.ts';
import { panelGrid } from '../panel-grid.ts';
import type { BodyProps } from '../screen.ts';
import { lagDlqPanels } from './panels.ts';

/** What these panels found, in words; then the panels, each as wide as the screen. */
export function LagDlq({ width, height, look }: BodyProps) {
  const frame = useConsole(shownFrame);
  const nowMs = useConsole(shownAtMs);
  const language = useConsole((state) => state.language);
  const focusedId = useConsole((state) => focusedPanelId(state.focus['lag-dlq'], lagDlqPanels));
  const drawing: Drawing = { frame, language, nowMs, focusedId };
  const head = lagDlqHead(drawing, { width, height });
  const columns = panelGrid([lagDlqPanels], drawing, { width, height: height - head.length });
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Draw lines={[...head, ...columns.flatMap(({ lines }) => lines)]} width={width} look={look} />
    </Box>
  );
}

const headRowsMax = 4;
/** On a smaller screen the panels, which show the same in numbers, need the rows more. */
const roomyFrom = 30;
const shortRowsMax = 2;

function lagDlqHead(
  { frame, language, nowMs }: Drawing,
  { width, height }: { readonly width: number; readonly height: number },
): readonly Line[] {
  const probes: readonly string[] = lagDlqPanels.map(({ probeId }) => probeId);
  const problems = problemsOf(frame).filter(({ source }) => source.split(', ').some((id) => probes.includes(id)));
  const inside = { width: width - 1, language, nowMs };
  const lines =
    height < roomyFrom
      ? problems.slice(0, shortRowsMax).map((problem) => shortLine(problem, inside))
      : problemLines(problems, inside).slice(0, headRowsMax);
  return lines.map((row): Line => [span(' '), ...row]);
}

/** Cut, not wrapped: the Overview has all of it. */
function shortLine(
  { tone, text, sinceMs }: Problem,
  { width, language, nowMs }: { readonly width: number; readonly language: Language; readonly nowMs: number },
): Line {
  const age = say(lasting(nowMs - sinceMs), language);
  const words = printable(say(text, language));
  return cut([span(`${marks[tone]}  `, tone, { bold: true }), span(`${age}  `, 'muted'), span(words)], width);
}

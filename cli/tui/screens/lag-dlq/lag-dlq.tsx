import { Box } from 'ink';
import type { Drawing } from '../../panels/framed.ts';
import { shownAtMs, shownFrame } from '../../store/state.ts';
import { useConsole } from '../../store/use-console.ts';
import { Draw } from '../../ui/draw.tsx';
import type { Line } from '../../ui/line.ts';
import { focusedPanelId } from '../focus.ts';
import { problemLines, problemsOf } from '../overview/problems.ts';
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
  const head = lagDlqHead(drawing, width);
  const columns = panelGrid([lagDlqPanels], drawing, { width, height: height - head.length });
  return (
    <Box flexDirection="column" width={width} height={height}>
      <Draw lines={[...head, ...columns.flatMap(({ lines }) => lines)]} width={width} look={look} />
    </Box>
  );
}

const headRowsMax = 4;

function lagDlqHead({ frame, language, nowMs }: Drawing, width: number): readonly Line[] {
  const probes: readonly string[] = lagDlqPanels.map(({ probeId }) => probeId);
  const problems = problemsOf(frame).filter(({ source }) => source.split(', ').some((id) => probes.includes(id)));
  const lines = problemLines(problems, { width: width - 1, language, nowMs });
  return lines.slice(0, headRowsMax).map((row): Line => [{ text: ' ' }, ...row]);
}

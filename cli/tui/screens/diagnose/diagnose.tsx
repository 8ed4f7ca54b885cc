import { Box } from 'ink';
import { useMemo } from 'react';
import { type Language, say } from '../../../../infra/text.ts';
import { type Asked, chosenOf, type DiagnosisOutline } from '../../store/diagnoses.ts';
import type { ConsoleState } from '../../store/state.ts';
import { useConsole } from '../../store/use-console.ts';
import { strings } from '../../strings.ts';
import { Draw } from '../../ui/draw.tsx';
import { ago } from '../../ui/format.ts';
import { frame, frameColumns, frameRows, windowed, windowOver } from '../../ui/frame.ts';
import { cut, type Line, line, type Span, span, wrap } from '../../ui/line.ts';
import { drawingOf, isOnePanel } from '../enlarged.ts';
import { focusedId } from '../focus.ts';
import { gridColumn } from '../panel-grid.ts';
import type { BodyProps } from '../screen.ts';
import { type AnswerLines, answerLines } from './answer.ts';
import { diagnosisList } from './list.ts';
import { diagnoseId, ownPanes } from './own.ts';
import { evidencePanels } from './panels.ts';
import { placesIn } from './places.ts';
import { progressText } from './progress.ts';
import { currentStop } from './stops.ts';
import { oldAfterMs, oneLine, standing, words } from './words.ts';

interface Area {
  readonly width: number;
  readonly height: number;
}

/** From this height on the rows of every finding are shown, not only those under the cursor. */
const roomyFrom = 20;

/** The diagnoses and their last answers; beside or below them the chosen answer, and its live evidence. */
export function Diagnose({ width, height, look }: BodyProps) {
  const state = useConsole((whole) => whole);
  const { diagnoses, language } = state;
  const chosen = chosenOf(diagnoses);
  const panels = evidencePanels(state);
  const focused = focusedId({ id: diagnoseId, panels: () => panels, own: ownPanes }, state);
  const focus = focused === 'list' || focused === 'answer' ? focused : 'panels';
  const alone = isOnePanel(state);
  const usual = placesIn({ width, height, focus, diagnoses: diagnoses.list.length, panels: panels.length });
  const whole: Area = { width, height };
  const boxes = alone ? { ...usual, list: whole, answer: whole } : usual;
  const asked = chosen === undefined ? undefined : diagnoses.asked[chosen.id];
  const body = useAnswer(asked?.answer, {
    width: boxes.answer.width - frameColumns,
    language,
    stopKey: currentStop(diagnoses)?.key,
    roomy: boxes.answer.height >= roomyFrom,
  });
  const list = () => listPane(state, { box: boxes.list, focused: focus === 'list' });
  const answer = () => answerPane(state, { chosen, asked, body, box: boxes.answer, focused: focus === 'answer' });
  if (alone) return <Draw lines={focus === 'answer' ? answer() : list()} width={width} look={look} />;
  const evidence = gridColumn(panels, drawingOf(state, focused), boxes.panels).lines;
  const beside = (
    <Box flexDirection="column" width={boxes.answer.width} flexShrink={0}>
      <Draw lines={[...answer(), ...evidence]} width={boxes.answer.width} look={look} />
    </Box>
  );
  return (
    <Box flexDirection={boxes.wide ? 'row' : 'column'} width={width} height={height}>
      <Draw lines={list()} width={boxes.list.width} look={look} />
      {beside}
    </Box>
  );
}

/** Made anew only when it is another answer, another cursor or another width: it may be a thousand lines. */
function useAnswer(answer: Asked['answer'], context: Parameters<typeof answerLines>[1]): AnswerLines {
  const { width, language, stopKey, roomy } = context;
  return useMemo(
    () =>
      answer === undefined
        ? { lines: [], places: new Map() }
        : answerLines(answer, { width, language, stopKey, roomy }),
    [answer, width, language, stopKey, roomy],
  );
}

function listPane(
  { diagnoses, language, nowMs }: ConsoleState,
  { box: { width, height }, focused }: { readonly box: Area; readonly focused: boolean },
): readonly Line[] {
  const rows = height - frameRows;
  const { lines, chosen } = diagnosisList(diagnoses, { width: width - frameColumns, rows, language, nowMs });
  const shown = windowed(lines, { height: rows, from: windowOver(chosen, rows) });
  return frame({
    title: say(words.list, language),
    lines: shown.lines,
    ...(shown.below > 0 ? { foot: span(say(strings.moreLines(shown.below), language), 'muted') } : {}),
    width,
    height,
    focused,
    // It says which answer is shown, also while the focus is elsewhere.
    cursorAt: chosen.first - shown.start,
  });
}

interface Answering {
  readonly chosen: DiagnosisOutline | undefined;
  readonly asked: Asked | undefined;
  readonly body: AnswerLines;
  readonly box: Area;
  readonly focused: boolean;
}

function answerPane(state: ConsoleState, { chosen, asked, body, box, focused }: Answering): readonly Line[] {
  const { language, diagnoses, nowMs } = state;
  const { width, height } = box;
  if (chosen === undefined) return frame({ title: '', lines: [], width, height, focused });
  const { mark, tone, text } = standing(asked);
  const above = headLines({ chosen, asked }, { width: width - frameColumns, language, nowMs });
  const place = body.places.get(currentStop(diagnoses)?.key ?? '');
  const rows = Math.max(0, height - frameRows - above.length);
  // Seen from the list, an answer begins with what it means; the cursor decides only where it has the keys.
  const from = focused && place !== undefined ? windowOver(place, rows) : 0;
  const shown = windowed(body.lines, { height: rows, from });
  const note = ageNote(asked, { language, nowMs });
  return frame({
    title: `${say(chosen.title, language)} · ${say(text, language)}`,
    mark: { text: mark, tone },
    ...(note === undefined ? {} : { note }),
    lines: [...above, ...shown.lines],
    ...(shown.below > 0 ? { foot: span(say(strings.moreLines(shown.below), language), 'muted') } : {}),
    width,
    height,
    focused,
    tone: tone === 'critical' || tone === 'warning' || tone === 'unknown' ? tone : 'muted',
    ...(focused && place !== undefined ? { cursorAt: above.length + place.first - shown.start } : {}),
  });
}

interface At {
  readonly language: Language;
  readonly nowMs: number;
}

function ageNote(asked: Asked | undefined, { language, nowMs }: At): Span | undefined {
  const takenAtMs = asked?.answer?.takenAtMs;
  if (takenAtMs === undefined || asked?.failure !== undefined) return undefined;
  const age = ago(nowMs - takenAtMs);
  return nowMs - takenAtMs > oldAfterMs
    ? span(say(words.old(age), language), 'warning')
    : span(say(age, language), 'muted');
}

/** What stands above the answer: the question while there is none, how far it is, why none came. */
function headLines(
  { chosen, asked }: { readonly chosen: DiagnosisOutline; readonly asked: Asked | undefined },
  { width, language, nowMs }: At & { readonly width: number },
): readonly Line[] {
  const question = wrap(say(chosen.question, language), width).map((row) => line(row));
  const { answer, failure, asking } = asked ?? {};
  if (asking !== undefined) {
    const progress: Line = [
      span(`◌ ${say(asking.phase === 'running' ? words.asking : words.waiting, language)} `, 'accent', { bold: true }),
      span(progressText(asking, language, nowMs)),
      span(` · ${say(words.escCallsOff, language)}`, 'muted'),
    ];
    return [...(answer === undefined ? question : []), cut(progress, width)];
  }
  if (failure !== undefined) {
    const why = wrap(
      `? ${say(words.failed, language)} (${say(ago(nowMs - failure.atMs), language)}): ${oneLine(failure.reason)}`,
      width,
    );
    const earlier =
      answer === undefined ? [] : [line(say(words.before(ago(nowMs - answer.takenAtMs)), language), 'muted')];
    return [...why.map((row) => line(row, 'unknown')), ...earlier];
  }
  return answer === undefined ? [...question, cut(line(say(words.howToAsk, language), 'muted'), width)] : [];
}

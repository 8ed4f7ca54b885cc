import { type Language, say } from '../../../../infra/text.ts';
import {
  type Asked,
  chosenOf,
  type DiagnosesState,
  type DiagnosisOutline,
  isLacking,
  listed,
} from '../../store/diagnoses.ts';
import { count, lasted } from '../../ui/format.ts';
import { cut, type Line, line, span, type Tone } from '../../ui/line.ts';
import { table } from '../../ui/table.ts';
import { progressText } from './progress.ts';
import { stopsOf } from './stops.ts';
import { oldAfterMs, oneLine, standing, words } from './words.ts';

interface ListContext {
  readonly width: number;
  /** Rows there are: with enough of them, each diagnosis takes two. */
  readonly rows: number;
  readonly language: Language;
  readonly nowMs: number;
}

export interface DiagnosisList {
  readonly lines: readonly Line[];
  /** Lines of the chosen one. */
  readonly chosen: { readonly first: number; readonly last: number };
}

/** Every diagnosis with what it last answered. */
export function diagnosisList(diagnoses: DiagnosesState, context: ListContext): DiagnosisList {
  const inOrder = listed(diagnoses);
  const { width, rows } = context;
  const chosenId = chosenOf(diagnoses)?.id;
  const each = inOrder.length * 2 <= rows ? 2 : 1;
  const heads = table(
    inOrder.map((one) => headCells(one, diagnoses.asked[one.id], { ...context, isChosen: one.id === chosenId })),
    {
      width,
      columns: [{}, each === 1 ? { grow: true, min: 16 } : { grow: true, min: 8 }, { align: 'right', drop: 1 }],
    },
  );
  const lines = heads.flatMap((head, index): readonly Line[] => {
    const one = inOrder[index];
    if (each === 1 || one === undefined) return [head];
    return [head, secondLine(diagnoses.asked[one.id], context)];
  });
  const at = Math.max(
    0,
    inOrder.findIndex(({ id }) => id === chosenId),
  );
  return { lines, chosen: { first: at * each, last: at * each + each - 1 } };
}

function headCells(
  { title }: DiagnosisOutline,
  asked: Asked | undefined,
  context: ListContext & { readonly isChosen: boolean },
): readonly Line[] {
  const { language, isChosen } = context;
  const { mark, tone } = standing(asked);
  const muted = isLacking(asked?.answer);
  return [
    [span(`${mark} `, tone, { bold: true }), span(say(title, language), muted ? 'muted' : 'plain', { bold: isChosen })],
    gist(asked, context),
    ageCell(asked, context),
  ];
}

/** The worst of it in words. */
function gist(asked: Asked | undefined, { language, nowMs }: ListContext): Line {
  const { text, tone } = standing(asked);
  const answer = asked?.answer;
  if (asked?.asking !== undefined) return line(progressText(asked.asking, language, nowMs), 'accent');
  if (asked?.failure !== undefined) return line(oneLine(asked.failure.reason), 'unknown');
  if (answer === undefined || isLacking(answer)) return line(say(text, language), 'muted');
  const [worst] = stopsOf(answer);
  if (worst?.kind === 'finding') return line(oneLine(say(worst.finding.text, language)), tone);
  if (answer.status === 'clean') return line(oneLine(say(answer.explanation, language)), 'muted');
  return [
    span(say(text, language), tone),
    span(` · ${oneLine(answer.reason ?? say(answer.explanation, language))}`, 'muted'),
  ];
}

function ageCell(asked: Asked | undefined, { language, nowMs }: ListContext): Line {
  const atMs = asked?.failure?.atMs ?? asked?.answer?.takenAtMs;
  if (atMs === undefined || asked?.asking !== undefined) return [];
  const ageMs = Math.max(0, nowMs - atMs);
  const tone: Tone = ageMs > oldAfterMs && !isLacking(asked?.answer) ? 'warning' : 'muted';
  return line(say(lasted(ageMs), language), tone);
}

const shownCounts = 6;

/** Its numbers in brief. */
function secondLine(asked: Asked | undefined, { width, language }: ListContext): Line {
  const counts = Object.entries(asked?.answer?.counts ?? {});
  const findings = asked?.answer?.findings.length ?? 0;
  const parts = [
    ...(findings > 1 ? [say(words.found(findings), language)] : []),
    ...counts.slice(0, shownCounts).map(([name, value]) => `${oneLine(name)} ${count(value)}`),
  ];
  return cut(line(`    ${parts.join(' · ')}`, 'muted'), width);
}

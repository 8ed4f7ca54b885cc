import { blindSpots, type DiagnosisFinding, type EvidenceRow } from '../../../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../../../infra/diagnoses/run.ts';
import { type Language, say } from '../../../../infra/text.ts';
import { marks } from '../../panels/panel.ts';
import { isLacking } from '../../store/diagnoses.ts';
import { count } from '../../ui/format.ts';
import { blank, cut, cutText, flow, type Line, line, span, wrap } from '../../ui/line.ts';
import { type Stop, stopsOf } from './stops.ts';
import { oneLine, words } from './words.ts';

interface AnswerContext {
  readonly width: number;
  readonly language: Language;
  /** The finding or step that the cursor is on: shown with all its rows. */
  readonly stopKey: string | undefined;
  /** There is room to show the rows of every finding. */
  readonly roomy: boolean;
}

export interface AnswerLines {
  readonly lines: readonly Line[];
  /** Which lines each stop takes. */
  readonly places: ReadonlyMap<string, { readonly first: number; readonly last: number }>;
}

/** With more findings than this, only the one under the cursor shows its rows. */
const openFindingsMax = 10;
const evidenceRowsMax = 20;

/** An answer in full: what it means, its numbers, each finding with its rows, what cannot be seen, what to do next. */
export function answerLines(answer: Diagnosed, context: AnswerContext): AnswerLines {
  const { language } = context;
  const lines: Line[] = [...explanation(answer, context), ...countLines(answer, context)];
  const places = new Map<string, { first: number; last: number }>();
  const stops = stopsOf(answer);
  const findings = stops.filter((stop) => stop.kind === 'finding');
  const allOpen = context.roomy && findings.length <= openFindingsMax;
  const place = (stop: Stop, its: readonly Line[]): void => {
    places.set(stop.key, { first: lines.length, last: lines.length + its.length - 1 });
    lines.push(...its);
  };
  if (findings.length > 0) lines.push(blank);
  for (const stop of findings) {
    const isOpen = allOpen || stop.key === context.stopKey || findings.length === 1;
    place(stop, isOpen ? openFinding(stop.finding, context) : [closedFinding(stop.finding, context)]);
  }
  lines.push(...blindLines(answer, context));
  const steps = stops.filter((stop) => stop.kind === 'next');
  if (steps.length > 0) lines.push(blank);
  for (const stop of steps) place(stop, stepLines(stop, say(words.next, language), context));
  return { lines, places };
}

function explanation(answer: Diagnosed, { width, language }: AnswerContext): readonly Line[] {
  const body = isLacking(answer) ? (answer.reason ?? '') : say(answer.explanation, language);
  return wrap(oneLine(body), width).map((row) => line(row));
}

function countLines({ counts }: Diagnosed, { width }: AnswerContext): readonly Line[] {
  const cells = Object.entries(counts).map(
    ([name, value]): Line => [span(`${oneLine(name)} `, 'muted'), span(count(value), 'plain', { bold: true })],
  );
  return flow(cells, { width, indent: 0 });
}

const headOf = ({ severity }: DiagnosisFinding) => span(`${marks[severity]} `, severity, { bold: true });

function closedFinding(finding: DiagnosisFinding, { width, language }: AnswerContext): Line {
  // Cut before it is measured: a thousand of these are made at once.
  const text = oneLine(say(finding.text, language).slice(0, width * 2));
  return [headOf(finding), span(cutText(text, width - 2))];
}

function openFinding(finding: DiagnosisFinding, { width, language }: AnswerContext): readonly Line[] {
  const rung = finding.rung === undefined ? '' : ` [${finding.rung}]`;
  const text = wrap(`${oneLine(say(finding.text, language))}${rung}`, width - 2);
  const shown = finding.evidence.slice(0, evidenceRowsMax);
  const left = finding.evidence.length - shown.length;
  return [
    ...text.map((row, index): Line => [index === 0 ? headOf(finding) : span('  '), span(row, finding.severity)]),
    ...shown.flatMap((row) => evidenceLines(row, width)),
    ...(left > 0 ? [cut(line(`    ${say(words.moreRows(left), language)}`, 'muted'), width)] : []),
  ];
}

/** A row's values, name by name; a value is never broken over two lines. */
function evidenceLines(row: EvidenceRow, width: number): readonly Line[] {
  const cells = Object.entries(row).map(
    ([name, value]): Line => cut([span(`${oneLine(name)}=`, 'muted'), span(oneLine(String(value)))], width - 4),
  );
  return flow(cells, { width: width - 4, indent: 0 }).map((content): Line => [span('    '), ...content]);
}

/** Once a rung, not once a finding. */
function blindLines({ findings }: Diagnosed, { width, language }: AnswerContext): readonly Line[] {
  const rungs = [...new Set(findings.flatMap(({ rung }) => rung ?? []))];
  return rungs.flatMap((rung) =>
    wrap(`${say(words.blind, language)} [${rung}]: ${say(blindSpots[rung], language)}`, width).map((row) =>
      line(row, 'muted'),
    ),
  );
}

function stepLines(stop: Extract<Stop, { kind: 'next' }>, next: string, { width, language }: AnswerContext) {
  const { text, command } = stop.step;
  return [
    ...wrap(`${next}: ${oneLine(say(text, language))}`, width).map((row) => line(row, 'muted')),
    ...(command === undefined ? [] : wrap(oneLine(command), width - 4).map((row) => line(`    ${row}`, 'accent'))),
  ];
}

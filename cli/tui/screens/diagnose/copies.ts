import { blindSpots, type DiagnosisFinding, type EvidenceRow } from '../../../../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../../../../infra/diagnoses/run.ts';
import { type Language, say } from '../../../../infra/text.ts';
import { diagnosedText } from '../../../diagnosis-text.ts';
import type { CopyChoice } from '../../dialogs/copy.ts';
import { traceCommand } from '../../dialogs/trace.ts';
import { chosenOf, type DiagnosisOutline } from '../../store/diagnoses.ts';
import type { ConsoleState } from '../../store/state.ts';
import { strings } from '../../strings.ts';
import type { Copies } from '../screen.ts';
import { diagnoseCommand } from './narrowed.ts';
import { currentStop } from './stops.ts';
import { oneLine, words } from './words.ts';

/** Of the finding under the cursor, or of the whole answer while the list has the focus. */
export function copiesOf({ diagnoses, language }: ConsoleState, pane: string): Copies {
  const chosen = chosenOf(diagnoses);
  if (chosen === undefined) return { title: words.list, choices: [] };
  const answer = diagnoses.asked[chosen.id]?.answer;
  const stop = pane === 'answer' ? currentStop(diagnoses) : undefined;
  if (answer === undefined) return { title: chosen.title, choices: [commandChoice(diagnoseCommand(chosen))] };
  if (stop?.kind === 'next') {
    const text = stop.step.command ?? say(stop.step.text, language);
    return { title: chosen.title, choices: [commandChoice(text)] };
  }
  const choices =
    stop === undefined ? answerChoices(chosen, answer, language) : findingChoices(chosen, stop.finding, language);
  return { title: chosen.title, choices };
}

const commandChoice = (text: string): CopyChoice => ({ letter: 'c', what: strings.copyCommand, text });

const jsonChoice = (value: Diagnosed | DiagnosisFinding): CopyChoice => ({
  letter: 'j',
  what: strings.copyJson,
  text: JSON.stringify(value, undefined, 2),
});

function answerChoices(chosen: DiagnosisOutline, answer: Diagnosed, language: Language): readonly CopyChoice[] {
  const markdown = [
    `## ${say(chosen.title, language)} (${answer.diagnosis}): ${answer.status}`,
    oneLine(say(answer.explanation, language)),
    ...answer.findings.map((finding) => findingMarkdown(finding, language)),
  ];
  return [
    { letter: 'v', what: words.copyAnswer, text: diagnosedText(answer, language) },
    jsonChoice(answer),
    { letter: 'm', what: words.copyMarkdown, text: markdown.join('\n\n') },
    commandChoice(diagnoseCommand(chosen)),
  ];
}

function findingChoices(
  chosen: DiagnosisOutline,
  finding: DiagnosisFinding,
  language: Language,
): readonly CopyChoice[] {
  const rows = finding.evidence.map((row) => `  ${rowText(row)}`);
  return [
    { letter: 'v', what: words.copyFinding, text: [oneLine(say(finding.text, language)), ...rows].join('\n') },
    jsonChoice(finding),
    { letter: 'm', what: words.copyMarkdown, text: findingMarkdown(finding, language) },
    commandChoice(diagnoseCommand(chosen, finding)),
    ...(finding.trace === undefined
      ? []
      : [{ letter: 't', what: strings.copyTrace, text: traceCommand(finding.trace) }]),
  ];
}

const rowText = (row: EvidenceRow): string =>
  Object.entries(row)
    .map(([name, value]) => `${name}=${oneLine(String(value))}`)
    .join(' ');

/** A heading and a table of its rows, as it goes into an incident's notes. */
function findingMarkdown(finding: DiagnosisFinding, language: Language): string {
  const { severity, kind, text, rung, evidence } = finding;
  const names = [...new Set(evidence.flatMap((row) => Object.keys(row)))];
  const cells = (values: readonly string[]): string => `| ${values.map(markdownCell).join(' | ')} |`;
  const by = rung === undefined ? [] : [`${rung} (${say(words.blind, language)}: ${say(blindSpots[rung], language)})`];
  return [
    `### ${severity}: ${oneLine(say(text, language))}`,
    [kind, ...by].join(' · '),
    ...(names.length === 0
      ? []
      : [
          [
            cells(names),
            cells(names.map(() => '---')),
            ...evidence.map((row) => cells(names.map((name) => String(row[name] ?? '')))),
          ].join('\n'),
        ]),
  ].join('\n\n');
}

const markdownCell = (value: string): string => oneLine(value).replaceAll('|', '\\|');

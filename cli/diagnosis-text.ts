import { blindSpots, type DiagnosisFinding, type EvidenceRow } from '../infra/diagnoses/diagnosis.ts';
import type { Diagnosed } from '../infra/diagnoses/run.ts';
import { type Language, printable, shortened } from '../infra/text.ts';
import { tlsAdviceIn } from '../infra/tls-failure.ts';
import { adviceLines } from './output/error.ts';

const marks = { clean: '✓', finding: '✗', unknown: '?' } as const;
const statusWords = {
  clean: { ko: '이상 없음', en: 'clean' },
  finding: { ko: '발견', en: 'finding' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
} as const;
const words = {
  checked: { ko: '수', en: 'counts' },
  more: { ko: (n: number) => `… 외 ${n}건 (--json)`, en: (n: number) => `… ${n} more (--json)` },
  blind: { ko: '못 보는 것', en: 'blind to' },
  next: { ko: '다음', en: 'next' },
} as const;

/** Findings on a screen; `--json` has them all. */
const shownMax = 20;
const evidenceMax = 5;

/** An answer as people read it: what, how many, which rows, what to do next. */
export function diagnosedText(answer: Diagnosed, language: Language): string {
  const { diagnosis, status, counts, findings, explanation, next, reason } = answer;
  const numbers = Object.entries(counts).map(([name, count]) => `${printable(name)} ${count.toLocaleString('en-US')}`);
  const lines = [
    `${marks[status]} ${diagnosis}: ${statusWords[status][language]} · ${printable(explanation[language])}`,
    ...(reason === undefined ? [] : adviceLines(tlsAdviceIn(reason), language)),
    ...(numbers.length === 0 ? [] : [`  ${words.checked[language]}: ${numbers.join(' · ')}`]),
    ...findings.slice(0, shownMax).flatMap((finding) => findingLines(finding, language)),
    ...(findings.length > shownMax ? [`  ${words.more[language](findings.length - shownMax)}`] : []),
    ...blindLines(findings, language),
    ...next.map(({ text, command }) => {
      const step = `  ${words.next[language]}: ${printable(text[language])}`;
      return command === undefined ? step : `${step}\n      ${printable(command)}`;
    }),
  ];
  return lines.join('\n');
}

function findingLines({ severity, text, rung, evidence }: DiagnosisFinding, language: Language): readonly string[] {
  const mark = severity === 'critical' ? '✗' : '!';
  const by = rung === undefined ? '' : ` [${rung}]`;
  const left = evidence.length - evidenceMax;
  return [
    `  ${mark} ${printable(text[language])}${by}`,
    ...evidence.slice(0, evidenceMax).map((row) => `      ${evidenceText(row)}`),
    ...(left > 0 ? [`      ${words.more[language](left)}`] : []),
  ];
}

function evidenceText(row: EvidenceRow): string {
  return Object.entries(row)
    .map(([name, value]) => `${printable(name)}=${shortened(String(value)).replaceAll('\n', ' ')}`)
    .join(' ');
}

/** Once a rung, not once a finding. */
function blindLines(findings: readonly DiagnosisFinding[], language: Language): readonly string[] {
  const rungs = [...new Set(findings.flatMap(({ rung }) => rung ?? []))];
  return rungs.map((rung) => `  ${words.blind[language]} [${rung}]: ${blindSpots[rung][language]}`);
}

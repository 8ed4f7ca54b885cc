import type { Finding } from '../infra/probes/probe.ts';
import type { Reading } from '../infra/probes/reading.ts';
import { type Language, printable, type Text } from '../infra/text.ts';
import { tlsAdviceIn } from '../infra/tls-failure.ts';
import { adviceLines } from './output/error.ts';
import { markdownTable, markdownText, plainTable } from './output/table.ts';

/** A reading with what is said about it. */
export interface ShownReading {
  readonly probe: string;
  readonly title: Text;
  readonly reading: Reading<unknown>;
  readonly findings: readonly Finding[];
  /** The value as a plain table, the first row being the heading; empty where it is unknown. */
  readonly rows: readonly (readonly string[])[];
}

const marks = { warning: '!', critical: '✗' } as const;

/** A table, and the findings under it. */
export async function readingText(
  { probe, reading, findings, rows }: ShownReading,
  language: Language,
): Promise<string> {
  if (reading.status === 'unknown') {
    const { reason } = reading;
    const said = { ko: `${probe}: 알 수 없음 (${reason})`, en: `${probe}: unknown (${reason})` }[language];
    return [said, ...adviceLines(tlsAdviceIn(reason), language)].join('\n');
  }
  const lines = findings.map(({ severity, text }) => `${marks[severity]} ${printable(text[language])}`);
  return [await plainTable(rows), ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}

const words = {
  status: { ko: '상태', en: 'status' },
  time: { ko: '시각', en: 'time' },
  findings: { ko: '발견', en: 'Findings' },
  reason: { ko: '이유', en: 'reason' },
  since: { ko: '언제부터', en: 'since' },
  statuses: {
    ok: { ko: '정상', en: 'ok' },
    finding: { ko: '발견 있음', en: 'finding' },
    unknown: { ko: '알 수 없음', en: 'unknown' },
  },
} as const;

/** The same as a document to paste into an incident's notes or a pull request. */
export function readingMarkdown(shown: ShownReading, language: Language): string {
  const { probe, title, reading, findings, rows } = shown;
  const isOk = reading.status === 'ok';
  const status = isOk ? (findings.length > 0 ? 'finding' : 'ok') : 'unknown';
  const fact = (name: Text, value: string): string => `- ${name[language]}: ${value}`;
  const at = (ms: number): string => new Date(ms).toISOString();
  const found = findings.map(({ severity, text }) => `- **${severity}** ${markdownText(text[language])}`);
  return [
    `## ${markdownText(probe)}: ${markdownText(title[language])}`,
    '',
    ...(isOk
      ? [fact(words.time, at(reading.takenAtMs)), fact(words.status, words.statuses[status][language])]
      : [
          fact(words.since, at(reading.sinceMs)),
          fact(words.status, words.statuses[status][language]),
          fact(words.reason, markdownText(reading.reason)),
          ...adviceLines(tlsAdviceIn(reading.reason), language).map((line) => `- ${markdownText(line.trim())}`),
        ]),
    ...(found.length > 0 ? ['', `### ${words.findings[language]}`, '', ...found] : []),
    ...(rows.length > 0 ? ['', markdownTable(rows)] : []),
    '',
  ].join('\n');
}

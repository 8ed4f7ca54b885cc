import { findingsMax } from '../../../../infra/diagnoses/diagnosis.ts';
import { notMapped } from '../../../../infra/probes/reading.ts';
import type { Text } from '../../../../infra/text.ts';
import { printable } from '../../../../infra/text.ts';
import { type Asked, isLacking } from '../../store/diagnoses.ts';
import { count } from '../../ui/format.ts';
import { cutText, type Tone } from '../../ui/line.ts';

export const words = {
  list: { ko: '진단', en: 'Diagnoses' },
  live: { ko: '실시간 근거', en: 'Live evidence' },
  notAsked: { ko: '아직 묻지 않음', en: 'not asked yet' },
  howToAsk: { ko: 'Enter나 r로 묻습니다 · R은 모두 묻습니다', en: 'Enter or r asks it · R asks them all' },
  clean: { ko: '이상 없음', en: 'clean' },
  unknown: { ko: '알 수 없음', en: 'unknown' },
  notMapped: { ko: '이 대상에는 없음 (연결되지 않음)', en: 'this target has none (not mapped)' },
  notPermitted: { ko: '이 계정에는 읽을 권한이 없음', en: 'this account may not read it' },
  found: (findings: number): Text => {
    // Of more than these the list is cut; the counts have them all.
    if (findings >= findingsMax)
      return { ko: `발견 ${count(findings)}건 이상`, en: `at least ${count(findings)} findings` };
    return { ko: `발견 ${count(findings)}건`, en: findings === 1 ? '1 finding' : `${count(findings)} findings` };
  },
  asking: { ko: '묻는 중', en: 'asking' },
  waiting: { ko: '차례를 기다림', en: 'waits for its turn' },
  escCallsOff: { ko: 'Esc로 그만두기', en: 'Esc calls it off' },
  failed: { ko: '답을 받지 못했습니다', en: 'no answer came' },
  before: (age: Text): Text => ({ ko: `이전 답 (${age.ko})`, en: `the answer before (${age.en})` }),
  old: (age: Text): Text => ({ ko: `${age.ko} 답 · r로 다시 묻기`, en: `answered ${age.en} · r asks again` }),
  blind: { ko: '못 보는 것', en: 'blind to' },
  next: { ko: '다음', en: 'next' },
  moreRows: (rows: number): Text => ({
    ko: `… 외 ${count(rows)}행 (y로 모두 복사)`,
    en: `… ${count(rows)} more rows (y copies all)`,
  }),
  noEvent: {
    ko: '이 행이 가리키는 이벤트는 하나가 아니라서 따라갈 수 없습니다',
    en: 'this row is not about one event: there is none to trace',
  },
  nothingToOpen: { ko: '먼저 r로 물어보세요', en: 'ask it first, with r' },
  copyFinding: { ko: '발견과 근거', en: 'the finding and its rows' },
  copyAnswer: { ko: '답 전체', en: 'the whole answer' },
  copyMarkdown: { ko: '마크다운', en: 'markdown' },
} as const;

/** An answer may be a minute old and still be right; nobody should have to wonder. */
export const oldAfterMs = 60_000;

/** Text of an engine may be a megabyte long; nobody reads so much of a line. */
const readCharacters = 2_000;

/** On one line, without control sequences, never longer than anybody reads. */
export const oneLine = (text: string): string =>
  printable(text.slice(0, readCharacters)).replaceAll(/\s+/g, ' ').trim();

export const cutOneLine = (text: string, width: number): string => cutText(oneLine(text), width);

/** How it stands with a diagnosis, in a mark, a tone and a few words. */
export function standing(asked: Asked | undefined): {
  readonly mark: string;
  readonly tone: Tone;
  readonly text: Text;
} {
  const answer = asked?.answer;
  if (asked?.asking !== undefined)
    return { mark: '◌', tone: 'accent', text: asked.asking.phase === 'running' ? words.asking : words.waiting };
  if (asked?.failure !== undefined) return { mark: '?', tone: 'unknown', text: words.failed };
  if (answer === undefined) return { mark: '·', tone: 'muted', text: words.notAsked };
  if (isLacking(answer)) {
    const text = answer.reason?.startsWith(notMapped) === true ? words.notMapped : words.notPermitted;
    return { mark: '○', tone: 'muted', text };
  }
  if (answer.status === 'clean') return { mark: '✓', tone: 'ok', text: words.clean };
  if (answer.status === 'unknown') return { mark: '?', tone: 'unknown', text: words.unknown };
  const isCritical = answer.findings.some(({ severity }) => severity === 'critical');
  return { mark: '✗', tone: isCritical ? 'critical' : 'warning', text: words.found(answer.findings.length) };
}

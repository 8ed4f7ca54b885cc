import stringWidth from 'string-width';
import { type Language, printable, type Text } from '../../../infra/text.ts';
import type { RunEvent } from '../events.ts';
import type { RunReport } from '../run.ts';
import { headlineOf, markOf, remarksOf, type Table, tablesOf, verdictNames } from './tables.ts';

/** The report for a terminal: plain text, no colours, Hangul counted as two columns. */
export function renderReportText(report: RunReport, language: Language): string {
  const remarks = remarksOf(report);
  const folder = { ko: '기록', en: 'recorded in' }[language];
  return [
    headlineOf(report, language),
    ...tablesOf(report, language).map((table) => renderTable(table, language)),
    ...(remarks.length === 0 ? [] : [[{ ko: '비고', en: 'Remarks' }[language], ...remarks.map(indented)].join('\n')]),
    `${folder} ${report.folder}`,
  ].join('\n\n');
}

function indented(line: string): string {
  return `  ${printable(line)}`;
}

function renderTable({ title, rows }: Table, language: Language): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const lines = rows.map((row) => row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  '));
  return [title[language], ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

/** Figures to the right, words to the left. */
function padded(cell: string, width: number): string {
  const space = ' '.repeat(Math.max(0, width - stringWidth(cell)));
  return /^-?[\d,.]+$/.test(cell) || cell === '–' ? space + cell : cell + space;
}

const phaseNames: Readonly<Record<Extract<RunEvent, { kind: 'phase' }>['phase'], Text>> = {
  prepare: { ko: '스코프 준비', en: 'preparing scopes' },
  start: { ko: '워커 시작', en: 'starting workers' },
  gate: { ko: '정상 상태 확인', en: 'checking the steady state' },
  workload: { ko: '부하와 장애', en: 'workload and faults' },
  settle: { ko: '안정될 때까지 대기', en: 'settling' },
  collect: { ko: '최종 상태 수집', en: 'collecting the final state' },
  judge: { ko: '판정', en: 'judging' },
  cleanup: { ko: '정리', en: 'cleaning up' },
};

/** One line for an event as it happens; undefined for those that only the record needs. */
export function progressText(event: RunEvent): Text | undefined {
  const arm = 'arm' in event && event.arm !== undefined ? `${event.arm}: ` : '';
  switch (event.kind) {
    case 'run-started': {
      const { experiment, seed, runId } = event.metadata;
      return { ko: `${experiment} 시작, 씨앗 ${seed}, ${runId}`, en: `${experiment} begins, seed ${seed}, ${runId}` };
    }
    case 'phase': {
      const { ko, en } = phaseNames[event.phase];
      return { ko: arm + ko, en: arm + en };
    }
    case 'gate':
      if (event.met) return undefined;
      return {
        ko: `${arm}정상 상태가 아님 - ${event.check}, 관측 ${event.seen}`,
        en: `${arm}steady state not met - ${event.check}, seen ${event.seen}`,
      };
    case 'worker':
      if (event.what !== 'killed' && event.what !== 'finding') return undefined;
      return both(`${arm}${event.worker} (${event.pid}) ${event.what} ${event.note}`.trimEnd());
    case 'progress':
      return progressLine(arm, event);
    case 'arm-finished': {
      const { ko, en } = verdictNames[event.verdict];
      const seconds = (event.durationMs / 1_000).toFixed(1);
      const mark = markOf(event.verdict);
      return { ko: `${mark} ${arm}${ko} (${seconds}초)`, en: `${mark} ${arm}${en} (${seconds} s)` };
    }
    case 'problem':
      return both(`${arm}${printable(event.message)}`);
    default:
      return undefined;
  }
}

function progressLine(arm: string, event: Extract<RunEvent, { kind: 'progress' }>): Text {
  const { done, total, perSecond, leftMs } = event;
  const left = leftMs === undefined ? undefined : Math.ceil(leftMs / 1_000);
  const count = `${done.toLocaleString('en-US')} / ${total.toLocaleString('en-US')}`;
  return {
    ko: `${arm}이체 ${count}, 초당 ${perSecond}${left === undefined ? '' : `, 약 ${left}초 남음`}`,
    en: `${arm}transfers ${count}, ${perSecond}/s${left === undefined ? '' : `, about ${left} s left`}`,
  };
}

function both(text: string): Text {
  return { ko: text, en: text };
}

import { readFile } from 'node:fs/promises';
import type { Language } from '../../../infra/text.ts';
import { parseEvents } from '../events.ts';
import type { RunReport } from '../run.ts';
import { escapeHtml, renderChart, timelinesOf } from './chart.ts';
import { headlineOf, remarksOf, type Table, tablesOf } from './tables.ts';

const style = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, "Noto Sans KR", sans-serif; max-width: 900px; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; } th, td { padding: .2rem .7rem; border-bottom: 1px solid #8884; text-align: left; }
td.figure { text-align: right; font-variant-numeric: tabular-nums; } svg { width: 100%; font: 11px system-ui, sans-serif; }
svg { fill: currentColor; } .headline { font-size: 1.2rem; font-weight: 600; }
`.trim();

/**
 * One file that needs nothing else: no script, no font, no picture from anywhere. Korean first, English under it.
 * @param eventsFile the run's events.ndjson, from which the timelines are drawn.
 */
export async function renderReportHtml(report: RunReport, eventsFile: string): Promise<string> {
  const events = parseEvents(await readFile(eventsFile, 'utf8').catch(() => ''));
  const charts = timelinesOf(events).map(
    (timeline) =>
      `<h3>${escapeHtml(timeline.arm)} · ${(timeline.durationMs / 1_000).toFixed(1)} s</h3>${renderChart(timeline)}`,
  );
  const { experiment, metadata } = report;
  const { machine, engines, git } = metadata;
  const facts = [
    metadata.runId,
    new Date(metadata.startedAtMs).toISOString(),
    ...Object.entries(engines).map(([name, version]) => `${name} ${version}`),
    `${machine.cores} × ${machine.model}, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, Node ${machine.node}`,
    ...(git === undefined ? [] : [`${git.commit}${git.dirty ? ' +' : ''}`]),
  ];
  const remarks = remarksOf(report).map((remark) => `<li>${escapeHtml(remark)}</li>`);
  return `<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><title>${escapeHtml(`${experiment.id} ${metadata.runId}`)}</title>
<meta name="viewport" content="width=device-width"><style>${style}</style></head><body>
<h1>${escapeHtml(experiment.id)}</h1>
${section(report, 'ko')}
<h2>시간 흐름 · Timeline</h2>
${charts.join('\n')}
${remarks.length === 0 ? '' : `<h2>비고 · Remarks</h2><ul>${remarks.join('')}</ul>`}
<hr>
${section(report, 'en')}
<p>${facts.map(escapeHtml).join('<br>')}</p>
</body></html>
`;
}

function section(report: RunReport, language: Language): string {
  const headline = `<p class="headline">${escapeHtml(headlineOf(report, language))}</p>`;
  return [headline, ...tablesOf(report, language).map((table) => renderTable(table, language))].join('\n');
}

function renderTable({ title, rows }: Table, language: Language): string {
  const [heading = [], ...body] = rows;
  const cells = body.map((row) => `<tr>${row.map(cell).join('')}</tr>`);
  const head = `<tr>${heading.map((text) => `<th>${escapeHtml(text)}</th>`).join('')}</tr>`;
  return `<h2>${escapeHtml(title[language])}</h2><table>${head}${cells.join('')}</table>`;
}

function cell(text: string): string {
  return `<td${/^-?[\d,.]+$/.test(text) ? ' class="figure"' : ''}>${escapeHtml(text)}</td>`;
}

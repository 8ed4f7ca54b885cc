import type { RunReport } from '../run.ts';
import { headlineOf, remarksOf, type Table, tablesOf } from './tables.ts';

/** For an issue or a wiki: tables in both languages' headings would double everything, so it is English. */
export function renderReportMarkdown(report: RunReport): string {
  const { metadata, experiment } = report;
  const { git, machine, engines } = metadata;
  const commit = git === undefined ? 'no git clone' : `${git.commit}${git.dirty ? ' plus uncommitted changes' : ''}`;
  const remarks = remarksOf(report);
  return `${[
    `# ${experiment.id} ${experiment.title.en}`,
    headlineOf(report, 'en'),
    ...tablesOf(report, 'en').map(renderTable),
    ...(remarks.length === 0 ? [] : [['## Remarks', ...remarks.map((remark) => `- ${cellText(remark)}`)].join('\n\n')]),
    '## How to repeat it',
    [
      `- \`labctl exp run ${experiment.id}${metadata.fast ? ' --fast' : ''} --seed ${metadata.seed}\``,
      `- run ${metadata.runId}, ${new Date(metadata.startedAtMs).toISOString()}`,
      `- commit ${commit}`,
      `- engines ${Object.entries(engines)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')}`,
      `- ${machine.cores} cores (${machine.model}), ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.platform}, Node ${machine.node}`,
    ].join('\n'),
  ].join('\n\n')}\n`;
}

function renderTable({ title, rows }: Table): string {
  const [heading = [], ...body] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`;
  return [`## ${title.en}\n`, line(heading), line(heading.map(() => '---')), ...body.map(line)].join('\n');
}

function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

import { type CheckResult, isViolated, resultText, type SqlChecks } from '../../../../infra/probes/sql-checks.ts';
import { say } from '../../../../infra/text.ts';
import { ago } from '../../ui/format.ts';
import { cut, cutText, type Line, line, span, spread, type Tone } from '../../ui/line.ts';
import { marks, type RowsContext } from '../panel.ts';

/** The first rows of a violated check stand under it, as many as this. */
const evidenceMax = 3;
const wide = 110;

/** A check a line, the violated ones first and with their first rows. */
export function checkRows({ checks }: SqlChecks, context: RowsContext): readonly Line[] {
  return checks
    .toSorted((left, right) => rank(right) - rank(left))
    .flatMap((check) => [checkLine(check, context), ...evidence(check, context)]);
}

const rank = (check: CheckResult): number =>
  isViolated(check) ? (check.severity === 'critical' ? 3 : 2) : check.outcome?.known === false ? 1 : 0;

function toneOf(check: CheckResult): Tone {
  if (check.outcome === undefined) return 'muted';
  if (!check.outcome.known) return 'unknown';
  return isViolated(check) ? check.severity : 'ok';
}

function checkLine(check: CheckResult, { width, language, nowMs }: RowsContext): Line {
  const tone = toneOf(check);
  const { id, title, takenAtMs } = check;
  const when = takenAtMs === undefined || width < wide ? '' : `  ${say(ago(nowMs - takenAtMs), language)}`;
  const result = cutText(say(resultText(check), language), Math.floor(width / 2));
  const name = title === id ? '' : `  ${title}`;
  return spread(
    [span(`${marks[tone]} `, tone, { bold: true }), span(id), span(name, 'muted')],
    [span(result, tone === 'ok' ? 'plain' : tone), span(when, 'muted')],
    width,
  );
}

function evidence(check: CheckResult, { width }: RowsContext): readonly Line[] {
  if (!isViolated(check) || !check.outcome?.known || check.outcome.value.number !== undefined) return [];
  const { columns, rows, more } = check.outcome.value;
  const shown = rows.slice(0, evidenceMax).map((row) => row.map((value, at) => `${columns[at]}=${value ?? 'NULL'}`));
  const left = rows.length - shown.length;
  return [
    ...shown.map((row) => cut(line(`    ${row.join(' ')}`, 'muted'), width)),
    ...(left > 0 ? [line(`    … +${left}${more ? '+' : ''}`, 'muted')] : []),
  ];
}

export function checkSummary({ checks }: SqlChecks, { language }: RowsContext): Line {
  const violated = checks.filter(isViolated).length;
  const unknown = checks.filter(({ outcome }) => outcome?.known === false).length;
  const words = {
    ko: `점검 ${checks.length} · 위반 ${violated}`,
    en: `${checks.length} checks · ${violated} violated`,
  };
  return [
    span(say(words, language), violated > 0 ? 'warning' : 'plain'),
    ...(unknown > 0 ? [span(` · ? ${unknown}`, 'unknown')] : []),
  ];
}

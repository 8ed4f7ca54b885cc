import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { outboxRelay } from '../../E-001-outbox-relay.ts';
import { compareRuns } from '../compare.ts';
import { planOf } from '../define.ts';
import { judgeRecord } from '../judge.ts';
import { machineFacts } from '../metadata.ts';
import { resultSchema } from '../result.ts';
import type { RunReport } from '../run.ts';
import { cleanRun } from '../testing/clean-run.ts';
import { renderReportHtml } from './html.ts';
import { renderReportMarkdown } from './markdown.ts';
import { progressText, renderReportText } from './text.ts';

function reportOf(doubled: boolean): RunReport {
  const parameters = { fast: true, seed: 3, token: 'abcdef' };
  const details = outboxRelay.arms.map((arm, index) => {
    const { history, state } = cleanRun({ transfers: 40 });
    const [effect] = state.effects;
    if (doubled && effect !== undefined) state.effects = [...state.effects, effect];
    const record = { outcome: 'recorded' as const, gate: [], durationMs: 1_234 };
    return judgeRecord({ arm, plan: planOf(arm, { ...parameters, index }), record, history, state });
  });
  const result = {
    schema: resultSchema,
    experiment: 'E-001',
    runId: 'E-001-x-abcdef',
    seed: 3,
    fast: true,
    verdict: 'fail' as const,
    cleanup: 'clean' as const,
    durationMs: 30_000,
    arms: details.map((detail) => detail.result),
    engines: { mysql: '9.7.4' },
  } as const;
  const metadata = {
    experiment: 'E-001',
    runId: result.runId,
    token: 'abcdef',
    seed: 3,
    fast: true,
    needs: 'shared' as const,
    startedAtMs: 0,
    process: { pid: 1, startedAt: '0' },
    scopes: [],
    argv: [],
    engines: result.engines,
    machine: machineFacts(),
  };
  const mutable = { ...result, arms: [...result.arms] };
  return {
    experiment: outboxRelay,
    result: mutable,
    details,
    metadata,
    problems: [],
    comparison: undefined,
    folder: '/x',
  };
}

test('the text names verdict, seed and every arm in both languages', () => {
  const english = renderReportText(reportOf(false), 'en');
  const korean = renderReportText(reportOf(false), 'ko');
  expect(english).toContain('✖ E-001 the path that holds');
  expect(english).toContain('seed 3');
  expect(korean).toContain('씨앗 3');
  expect(korean).toContain('판정 불가');
  for (const { name } of outboxRelay.arms) {
    expect(english).toContain(name);
    expect(korean).toContain(name);
  }
});

test('what is wrong is shown down to the row, and only then', () => {
  expect(renderReportText(reportOf(false), 'en')).not.toContain('dedup_keys applied more than once');
  const wrong = renderReportText(reportOf(true), 'en');
  expect(wrong).toContain('dedup_keys applied more than once');
  expect(wrong).toContain('what=appliedTwice dedupKey=run-00000000:');
});

test('markdown says how to repeat the run', () => {
  expect(renderReportMarkdown(reportOf(false))).toContain('`labctl exp run E-001 --fast --seed 3`');
});

test('the page needs nothing from anywhere and shows no raw text', async () => {
  const events = join(tmpdir(), `labctl-events-${process.pid}.ndjson`);
  onTestFinished(() => rm(events, { force: true }));
  const sample = {
    kind: 'sample',
    arm: 'a-undisturbed',
    counters: { 'transfer-writer.ok': 5, 'outbox-relay.marked': 8 },
  };
  const killed = { kind: 'worker', arm: 'a-undisturbed', worker: 'relay', pid: 1, what: 'killed', note: '' };
  const lines = [{ ...sample, atMs: 0 }, { ...killed, atMs: 400 }, { ...sample, atMs: 500 }, 'cut sho'];
  await writeFile(events, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  const report = { ...reportOf(false), problems: ['<script>alert(1)</script>'] };
  const html = await renderReportHtml(report, events);
  expect(html).toContain('<svg');
  expect(html).toContain('relay killed');
  expect(html).not.toMatch(/<script|src=|href=|url\(|https?:/);
});

test('the difference to the last green run names arm and figure', () => {
  const { result } = reportOf(false);
  const later = {
    ...result,
    durationMs: 31_000,
    arms: result.arms.map((arm) => ({ ...arm, counts: { ...arm.counts, lost: 1 } })),
  };
  const { differences } = compareRuns(result, later);
  expect(differences).toContainEqual({ arm: '', figure: 'durationMs', before: 30_000, now: 31_000 });
  expect(differences).toContainEqual({ arm: 'a-undisturbed', figure: 'lost', before: 0, now: 1 });
  expect(compareRuns(result, result).differences).toEqual([]);
});

test('progress speaks when somebody should know, and is silent otherwise', () => {
  const at = { atMs: 0, arm: 'b-killed' };
  expect(progressText({ kind: 'phase', ...at, phase: 'gate' })).toEqual({
    ko: 'b-killed: 정상 상태 확인',
    en: 'b-killed: checking the steady state',
  });
  const progress = { kind: 'progress', ...at, done: 1_500, total: 2_000, perSecond: 300, leftMs: 1_700 } as const;
  expect(progressText(progress)?.en).toBe('b-killed: transfers 1,500 / 2,000, 300/s, about 2 s left');
  expect(progressText({ kind: 'sample', ...at, counters: {} })).toBeUndefined();
  expect(progressText({ kind: 'worker', ...at, worker: 'r', pid: 1, what: 'spawned', note: '' })).toBeUndefined();
});

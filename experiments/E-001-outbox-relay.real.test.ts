import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { numbers, outboxRelay } from './E-001-outbox-relay.ts';
import { assertExperiment } from './harness/assert.ts';
import { isEmpty, leftoversOf } from './harness/leftovers.ts';
import { renderReportText } from './harness/report/text.ts';
import { runResult } from './harness/result.ts';
import { runExperiment } from './harness/run.ts';

const endpoints = inject('endpoints');
const config = inject('config');

test('E-001 in its fast size holds on real engines, leaves nothing, and is judged the same again', {
  timeout: 240_000,
}, async () => {
  const report = await runExperiment({
    experiment: outboxRelay,
    fast: true,
    config,
    endpoints,
    signal: new AbortController().signal,
  });
  const { result, folder, metadata } = report;
  const said = renderReportText(report, 'en');
  expect(result.cleanup, said).toBe('clean');
  expect(
    result.arms.slice(0, 2).map((arm) => arm.verdict),
    said,
  ).toEqual(['held', 'held']);
  // Whether this machine can give the steady rate just now is a measurement, not a test; all else about it is one.
  const missing = report.details[2]?.witnesses.filter(({ met }) => !met).map(({ name }) => name) ?? [];
  const tooSlow = missing.length === 1 && missing[0] === 'transfersPerSecond';
  expect(result.arms[2]?.verdict, said).toBe(tooSlow ? 'unknown' : 'held');
  expect(result.verdict, said).toBe(tooSlow ? 'unknown' : 'pass');
  expect(report.details.flatMap(({ checks }) => checks.map(({ verdict }) => verdict))).not.toContain('fail');
  for (const { counts, diagnosed } of result.arms) {
    const agreeing = { verdict: 'pass', found: 0, truth: 0 };
    expect(diagnosed, said).toEqual({
      agrees: true,
      diagnoses: { duplicates: agreeing, loss: agreeing, projection: agreeing },
    });
    expect(counts).toMatchObject({ lost: 0, appliedTwice: 0, unsent: 0, staleKeys: 0, effectInversions: 0 });
    expect(counts.effects).toBe(2 * numbers.transfersFast);
  }
  expect(result.arms[2]?.latencyMs?.commitToCache?.samples).toBe(2 * numbers.transfersFast);
  expect(result.engines).toMatchObject({ mysql: expect.any(String), redis: expect.any(String) });

  expect(runResult.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')))).toEqual(result);
  const scopes = metadata.scopes.map(({ scope }) => scope);
  expect((await leftoversOf(endpoints, scopes)).every(isEmpty)).toBe(true);
  expect((await assertExperiment({ experiment: outboxRelay, config })).result).toEqual(result);
});

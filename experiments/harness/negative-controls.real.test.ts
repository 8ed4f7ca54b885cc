import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { outboxRelay } from '../E-001-outbox-relay.ts';
import type { Arm, ArmPlan } from './define.ts';
import { renderReportText } from './report/text.ts';
import { type RunReport, runExperiment } from './run.ts';

/** An arm that cannot fail proves nothing: each guard or fault taken away must show on real engines. */
const endpoints = inject('endpoints');
let stateDir = '';
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'labctl-negative-'));
});
afterAll(() => rm(stateDir, { recursive: true, force: true }));

const transfers = 300;

/** E-001's arm b, smaller, with its plan changed. */
function killedArm(change: (plan: ArmPlan) => ArmPlan): Arm {
  const arm = outboxRelay.arms.find(({ name }) => name === 'b-killed');
  if (arm === undefined) throw new Error('E-001 has no arm b-killed');
  return {
    ...arm,
    plan(run) {
      const plan = arm.plan(run);
      const workload = { ...plan.workload, options: { ...plan.workload.options, count: transfers } };
      return change({ ...plan, transfers, workload });
    },
  };
}

function runArmOf(change: (plan: ArmPlan) => ArmPlan): Promise<RunReport> {
  return runExperiment({
    experiment: { ...outboxRelay, arms: [killedArm(change)] },
    fast: true,
    seed: 1,
    config: { stateDir },
    endpoints,
    signal: new AbortController().signal,
  });
}

test('without its faults the arm is unknown, for want of witnesses alone', { timeout: 120_000 }, async () => {
  const report = await runArmOf((plan) => ({
    ...plan,
    services: plan.services.map(({ worker, name, options }) => ({ worker, name, options })),
  }));
  const [detail] = report.details;
  expect(detail?.result.verdict, renderReportText(report, 'en')).toBe('unknown');
  expect(detail?.checks.map(({ verdict }) => verdict)).not.toContain('fail');
  const missing = detail?.witnesses.filter(({ met }) => !met).map(({ name }) => name) ?? [];
  expect(missing).toEqual(expect.arrayContaining(['relayKilled', 'projectorKilled', 'invalidatorKilled', 'sentTwice']));
  expect(report.result.verdict).toBe('unknown');
});

test('without projector and invalidator effects are lost and keys go stale: the arm is breached by exactly these', {
  timeout: 120_000,
}, async () => {
  const report = await runArmOf((plan) => ({
    ...plan,
    services: plan.services.filter(({ worker }) => worker === 'outbox-relay' || worker === 'balance-reader'),
  }));
  const [arm] = report.result.arms;
  expect(arm?.verdict, renderReportText(report, 'en')).toBe('breached');
  expect(arm?.counts).toMatchObject({ lostFromTopic: 0, lostFromEffects: 2 * transfers, unsent: 0, ledgerGaps: 0 });
  expect(arm?.counts.staleKeys).toBeGreaterThan(0);
  expect(report.result).toMatchObject({ verdict: 'fail', cleanup: 'clean' });
});

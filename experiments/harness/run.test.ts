import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { labEndpoints } from '../../infra/stack/endpoints.ts';
import { outboxRelay } from '../E-001-outbox-relay.ts';
import { assertExperiment } from './assert.ts';
import { parseEvents } from './events.ts';
import { runResult } from './result.ts';
import { type RunOptions, runExperiment } from './run.ts';
import { listRuns } from './run-folder.ts';
import { type FakeOptions, fakeWorld } from './testing/fake-arm.ts';

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'labctl-run-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

const [undisturbed] = outboxRelay.arms;
if (undisturbed === undefined) throw new Error('E-001 has no arm');
const experiment = { ...outboxRelay, arms: [undisturbed] };

function runIt(world: FakeOptions, options: Partial<RunOptions> = {}) {
  const { steps, effects } = fakeWorld(world);
  const report = runExperiment(
    {
      experiment,
      fast: true,
      seed: 1,
      config: { stateDir },
      endpoints: labEndpoints(0),
      signal: new AbortController().signal,
      ...options,
    },
    effects,
  );
  return { steps, report };
}

const services = 'outbox-relay balance-projector cache-invalidator balance-reader';

test('services, gate, workload; the cache is read before the workers stop, the rows after', async () => {
  const { steps, report } = runIt({});
  await report;
  expect(steps).toEqual([
    'reach',
    'prepare e001_…_a',
    `start ${services}`,
    'gate',
    'start transfer-writer',
    'read cache',
    'stop transfer-writer',
    `stop ${services}`,
    'read rows',
    'diagnose duplicates loss projection',
    'close',
    `stop ${services}`,
    'stop transfer-writer',
    'remove 1',
    'release',
  ]);
});

test('what workers never journalled is a witness missing, and the arm unknown', async () => {
  const { result } = await runIt({}).report;
  // The fake engines hold 20 transfers that no journal knows: that is a finding, not a pass.
  expect(result.arms[0]).toMatchObject({ verdict: 'breached', counts: { unjournalled: 20 } });
  expect(result.verdict).toBe('fail');
});

test('a gate that is not met starts no workload and makes the run unknown', async () => {
  const { steps, report } = runIt({ gateMet: false });
  const { result, details } = await report;
  expect(steps).not.toContain('start transfer-writer');
  expect(steps.slice(-3)).toEqual([`stop ${services}`, 'remove 1', 'release']);
  expect(result).toMatchObject({ verdict: 'unknown', cleanup: 'clean', arms: [{ verdict: 'unknown', counts: {} }] });
  expect(details[0]?.reasons).toEqual(['gate not met: ledger rows: 0, seen 7']);
});

test('an interruption stops the arm, still cleans up, and is the verdict', async () => {
  const controller = new AbortController();
  const { steps, report } = runIt({ onWorkload: () => controller.abort() }, { signal: controller.signal });
  const { result } = await report;
  expect(result).toMatchObject({ verdict: 'interrupted', cleanup: 'clean', arms: [{ verdict: 'unknown' }] });
  expect(steps).toContain(`stop ${services}`);
  expect(steps).toContain('stop transfer-writer');
  expect(steps.slice(-2)).toEqual(['remove 1', 'release']);
});

test('an engine that fails in the middle makes the arm unknown with its reason', async () => {
  const { steps, report } = runIt({ brokenEngine: true });
  const { result, problems } = await report;
  expect(result).toMatchObject({ verdict: 'unknown', cleanup: 'clean' });
  expect(problems).toEqual(['MySQL is gone']);
  expect(steps).toContain('stop transfer-writer');
});

test('a workload that hangs is recorded as far as it came', async () => {
  const { report } = runIt({ hangs: true });
  const { problems, details } = await report;
  expect(problems[0]).toContain('gave up waiting for transfer-writer');
  expect(details[0]?.witnesses).toContainEqual(
    expect.objectContaining({ name: 'transfersTriedPercent', seen: 0, met: false }),
  );
});

test('a clean-up that leaves something behind is a verdict of its own', async () => {
  const { result } = await runIt({ removeProblems: ['left behind: lab_e001_x'] }).report;
  expect(result.cleanup).toBe('failed');
});

test('what is on disk is the contract, and asserting it again gives the same', async () => {
  const { result, folder } = await runIt({}).report;
  expect(runResult.parse(JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')))).toEqual(result);
  const again = await assertExperiment({ experiment, config: { stateDir } });
  expect(again.result).toEqual(result);
  const events = parseEvents(await readFile(join(folder, 'events.ndjson'), 'utf8'));
  expect(events.at(0)?.kind).toBe('run-started');
  expect(events.at(-1)?.kind).toBe('run-finished');
});

test('a run that is alone on the stack refuses company, and is refused beside it', async () => {
  const { report } = runIt({
    onWorkload: () => {
      other = runIt({}, { experiment: { ...experiment, needs: 'exclusive' } }).report;
      other.catch(() => {}); // looked at below
    },
  });
  let other: Promise<unknown> = Promise.resolve();
  await report;
  await expect(other).rejects.toThrow('cannot run beside');
});

test('nothing to judge is said, not guessed', async () => {
  await expect(assertExperiment({ experiment, config: { stateDir } })).rejects.toThrow('E-001 has no recorded run');
});

test('a run without a result whose process lives is not judged', async () => {
  const { folder } = await runIt({}).report;
  await rm(join(folder, 'result.json'));
  const [run] = await listRuns(stateDir);
  expect(run?.result).toBeUndefined();
  // This very process still lives, so by pid and start time the run counts as going on.
  await expect(assertExperiment({ experiment, config: { stateDir } })).rejects.toThrow('is still running');
});

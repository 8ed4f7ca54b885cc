import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from '../../infra/process.ts';
import { machineFacts, type RunMetadata } from './metadata.ts';
import { type RunResult, resultSchema } from './result.ts';
import {
  createRunFolder,
  listRuns,
  pruneRuns,
  readFinalState,
  runFolder,
  writeFinalState,
  writeJson,
} from './run-folder.ts';
import { armScope, newRunName, scopePatternOf, scopePrefixOf, tokenOf } from './scopes.ts';
import { cleanRun } from './testing/clean-run.ts';

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'labctl-runs-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

const deadProcess = { pid: 2 ** 22 + 1, startedAt: '0' };

async function recordRun(
  name: string,
  startedAtMs: number,
  { verdict, process = deadProcess }: { verdict?: RunResult['verdict']; process?: RunMetadata['process'] },
): Promise<void> {
  const metadata: RunMetadata = {
    experiment: 'E-001',
    runId: name,
    token: 'abcdef',
    seed: 1,
    fast: true,
    needs: 'shared',
    startedAtMs,
    process,
    scopes: [],
    argv: [],
    engines: {},
    machine: machineFacts(),
  };
  const folder = await createRunFolder(stateDir, metadata);
  await writeFile(join(folder.path, 'events.ndjson'), 'x'.repeat(10_000));
  if (verdict === undefined) return;
  const result: RunResult = {
    schema: resultSchema,
    experiment: 'E-001',
    runId: name,
    seed: 1,
    fast: true,
    verdict,
    cleanup: 'clean',
    durationMs: 1,
    arms: [],
    engines: {},
  };
  await writeJson(join(folder.path, 'result.json'), result);
}

test('prunes the oldest first, never the last green run nor one that is going on', async () => {
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('this process has no identity');
  await recordRun('green-old', 1, { verdict: 'pass' });
  await recordRun('green', 2, { verdict: 'pass' });
  await recordRun('killed', 3, {});
  await recordRun('alive', 4, { process: self });
  await recordRun('red', 5, { verdict: 'fail' });
  expect(await pruneRuns(stateDir, 35_000)).toEqual(['green-old', 'killed']);
  expect(await pruneRuns(stateDir, 0)).toEqual(['red']);
  expect((await listRuns(stateDir)).map(({ metadata }) => metadata.runId)).toEqual(['green', 'alive']);
});

test('a final state is the same after a turn over the disk, 64-bit integers too', async () => {
  const { state } = cleanRun({ transfers: 30, busy: true });
  state.ledger.push({ txId: 'big', accountId: 2n ** 62n, accountSeq: 1n, delta: -(2n ** 62n) });
  await recordRun('one', 1, {});
  const folder = runFolder(join(stateDir, 'runs', 'one'));
  await writeFinalState(folder, 'a', state);
  expect(await readFinalState(folder, 'a')).toEqual(state);
  await expect(readFinalState(folder, 'b')).rejects.toThrow('the final state of b cannot be read');
});

test('scopes of an experiment are found by name, and only those', () => {
  const { token, runId } = newRunName('E-001', 0);
  const scope = armScope('E-001', token, 2);
  expect(scope).toBe(`e001_${token}_c`);
  expect(runId).toBe(`E-001-19700101T000000Z-${token}`);
  expect(tokenOf(scope)).toBe(token);
  expect(scope.startsWith(scopePrefixOf('E-001'))).toBe(true);
  expect(scopePatternOf('E-001').test(scope)).toBe(true);
  for (const other of ['', 'e001', 'e001_abc_a', `e002_${token}_a`, 't_e001_abcdef_a', `x${scope}`]) {
    expect(scopePatternOf('E-001').test(other)).toBe(false);
  }
});

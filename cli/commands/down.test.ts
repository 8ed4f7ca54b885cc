import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runMetadata } from '../../experiments/harness/metadata.ts';
import { identify } from '../../infra/process.ts';
import { exitCodes } from '../output/exit-codes.ts';
import { runCommandLine } from '../run.ts';
import { recordingHost } from '../testing/recording-host.ts';

/** A lab that was never started, on ports of its own, with data that somebody might miss. */
function labFolder(): { readonly env: NodeJS.ProcessEnv; readonly stateDir: string } {
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-down-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  return { stateDir, env: { LABCTL_STATE_DIR: stateDir, LABCTL_PORT_OFFSET: '1900' } };
}

/** What a run writes before it touches an engine; its process is this one. */
async function recordLivingRun(stateDir: string): Promise<void> {
  const metadata = runMetadata.parse({
    experiment: 'E-001',
    runId: 'E-001-living',
    token: 'living',
    seed: 1,
    fast: true,
    needs: 'shared',
    startedAtMs: 0,
    process: await identify(process.pid),
    scopes: [],
    argv: [],
    engines: {},
    machine: { cores: 1, model: '', memoryBytes: 1, platform: '', node: '' },
  });
  mkdirSync(join(stateDir, 'runs', metadata.runId), { recursive: true });
  writeFileSync(join(stateDir, 'runs', metadata.runId, 'run.json'), JSON.stringify(metadata));
}

test.each(['down', 'down -v', 'down -v --yes'])(
  '%s is refused while an experiment runs, unless forced',
  async (line) => {
    const { env, stateDir } = labFolder();
    await recordLivingRun(stateDir);
    const refused = recordingHost(line, env);
    expect(await runCommandLine(refused.host)).toBe(exitCodes.refused);
    expect(refused.stderr()).toMatch(new RegExp(`E-001-living \\(pid ${process.pid}\\)`));
    expect(await runCommandLine(recordingHost(`${line} --force`, env).host)).toBe(exitCodes.ok);
  },
);

test('at a terminal -v asks, and any answer but yes changes nothing', async () => {
  const { env } = labFolder();
  for (const typed of ['n', '', 'maybe']) {
    const { host, stderr } = recordingHost('down -v', env, typed);
    expect(await runCommandLine(host)).toBe(exitCodes.refused);
    expect(stderr()).toMatch(/Go on\? \[y\/N\]/);
  }
  const agreed = recordingHost('down -v', env, 'y');
  expect(await runCommandLine(agreed.host)).toBe(exitCodes.ok);
});

test.each([
  ['down', 'n'],
  ['down -v --yes', 'n'],
  ['down -v --json', 'n'],
  ['down -v', undefined],
])('%s, typed %s, does not ask', async (line, typed) => {
  const { host, stderr } = recordingHost(line, labFolder().env, typed);
  expect(await runCommandLine(host)).toBe(exitCodes.ok);
  expect(stderr()).not.toContain('y/n');
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { packageRoot } from '../package-root.ts';
import { isAlive, spawnDaemon, terminate } from '../process.ts';
import { fakeDocker } from '../testing/fake-docker.ts';
import { faultsFolder } from './folder.ts';
import { faultStore } from './store.ts';

/** The healer as a process of its own, on a lab of containers; Docker is doubled. */

test('a healer heals with the driver that runs the lab', async () => {
  const docker = fakeDocker();
  docker.answer('ls', "echo '[]'");
  docker.answer('ps', `echo '{"Service":"prometheus","State":"paused"}'`);
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-healer-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  mkdirSync(join(stateDir, 'stack'));
  writeFileSync(join(stateDir, 'stack', 'driver.json'), '{"driver":"compose"}');
  const store = faultStore(faultsFolder(stateDir));
  const id = 'pause-00aa11';
  const nowMs = systemClock.now();
  store.write({
    ...{ id, kind: 'pause', parameters: { node: 'prometheus' }, target: 'prometheus', claims: ['node:prometheus'] },
    ...{ who: 'a test', phase: 'broken', takenAtMs: nowMs - 1_000, expiresAtMs: nowMs },
  });
  const logFile = join(stateDir, 'healer.out');
  const healer = await spawnDaemon(process.execPath, [join(packageRoot, 'infra', 'faults', 'healer.ts')], {
    logFile,
    env: { ...docker.env, LABCTL_STATE_DIR: stateDir, LABCTL_PORT_OFFSET: '1900', LABCTL_HEALER: id },
  });
  onTestFinished(() => terminate(healer, 0));
  await waitFor('the healer to end', async () => !(await isAlive(healer)), { timeoutMs: 60_000 });
  expect(readFileSync(logFile, 'utf8')).toBe('');
  expect(store.history()).toMatchObject([{ id, outcome: 'healed', by: 'healer', attempts: 1 }]);
  expect(store.leases()).toEqual([]);
  expect(docker.calls()).toContainEqual(expect.stringMatching(/ unpause prometheus$/));
}, 90_000);

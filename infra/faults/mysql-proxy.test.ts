import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { RefusedError } from '../errors.ts';
import { createStack } from '../stack/driver.ts';
import { labEndpoints } from '../stack/endpoints.ts';
import { fakeDocker } from '../testing/fake-docker.ts';
import { mysqlCut } from './mysql-cut.ts';
import { mysqlLatency } from './mysql-latency.ts';

test('on containers, where no proxy can be, both faults are refused before anything is touched', async () => {
  const docker = fakeDocker();
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-proxy-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const config = readConfig({ LABCTL_STATE_DIR: stateDir, LABCTL_PORT_OFFSET: '1900' });
  const stack = await createStack(config, 'compose', docker.env);
  const lab = { config, stack, endpoints: labEndpoints(1900), clock: systemClock };
  for (const fault of [mysqlCut.of({ mode: 'cut' }), mysqlLatency.of({ latencyMs: 1, jitterMs: 0 })]) {
    await expect(fault.check(lab)).rejects.toThrow(RefusedError);
    await expect(fault.heal(lab, 'broken', AbortSignal.timeout(10_000))).rejects.toThrow(RefusedError);
  }
  // Whose project it is may be asked; nothing is changed.
  expect(docker.calls().filter((call) => !call.includes(' ls '))).toEqual([]);
});

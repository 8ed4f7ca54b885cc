import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { liveRuns, refuseUnderRuns } from './live-runs.ts';
import { holdRunLock } from './run-lock.ts';

const endpoints = inject('endpoints');
/** Another clone's: no run is recorded there. */
const stateDir = join(inject('config').stateDir, 'another-clone');

test('a run of another clone is seen by its lock as long as it lives, and counted once', async () => {
  const before = await liveRuns({ stateDir, endpoints, mysqlRuns: true });
  const lock = await holdRunLock(endpoints, 'abc123');
  onTestFinished(() => lock.release());
  const during = await liveRuns({ stateDir, endpoints, mysqlRuns: true });
  expect(during).toEqual([...before, {}]);
  expect(() => refuseUnderRuns(during)).toThrow('an experiment is running on this lab');
  await lock.release();
  expect(await liveRuns({ stateDir, endpoints, mysqlRuns: true })).toEqual(before);
});

test('a MySQL that does not answer holds nobody up', async () => {
  const gone = { ...endpoints, mysql: { ...endpoints.mysql, port: endpoints.mysql.port + 7 } };
  expect(await liveRuns({ stateDir, endpoints: gone, mysqlRuns: true })).toEqual([]);
});

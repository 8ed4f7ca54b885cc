import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Config, readConfig } from '../config.ts';
import { EngineError, RefusedError } from '../errors.ts';
import { type FakeDocker, fakeDocker } from '../testing/fake-docker.ts';
import { chooseDriver, driverFindings, forgetDriver, recordedDriver } from './driver.ts';

/** Docker is doubled: with no answers laid out, `docker info` names no engine, as where no daemon runs. */

let docker: FakeDocker;
let config: Config;

beforeEach(() => {
  docker = fakeDocker();
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-driver-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  config = readConfig({ LABCTL_STATE_DIR: stateDir });
});

function withDaemon(): void {
  docker.answer('info', 'echo 28.2.2');
  docker.answer('version', 'echo 2.40.3');
  docker.answer('ps', 'exit 0');
}

const choose = (asked?: 'native' | 'compose') => chooseDriver(config, asked, docker.env);

test('compose where a daemon answers and has Compose, else native', async () => {
  expect(await choose()).toBe('native');
  forgetDriver(config);
  docker.answer('info', 'echo 28.2.2');
  docker.answer('version', "echo 'unknown command: docker compose' >&2; exit 1");
  expect(await choose()).toBe('native');
  forgetDriver(config);
  withDaemon();
  expect(await choose()).toBe('compose');
});

test('a daemon that does not answer within two seconds counts as none', async () => {
  withDaemon();
  docker.answer('info', 'exec sleep 30');
  expect(await choose()).toBe('native');
});

test('a choice is kept, whatever answers later, until it is forgotten', async () => {
  expect(await choose()).toBe('native');
  withDaemon();
  expect(await choose()).toBe('native');
  expect(recordedDriver(config)).toBe('native');
  forgetDriver(config);
  expect(recordedDriver(config)).toBeUndefined();
  expect(await choose()).toBe('compose');
});

test('data of a lab without a record is native', async () => {
  mkdirSync(join(config.stateDir, 'stack', 'data'), { recursive: true });
  expect(recordedDriver(config)).toBeUndefined();
  mkdirSync(join(config.stateDir, 'stack', 'data', 'mysql'));
  withDaemon();
  expect(await choose()).toBe('native');
});

test('compose is refused where no daemon answers, and nothing is written down', async () => {
  await expect(choose('compose')).rejects.toThrow(EngineError);
  expect(readdirSync(config.stateDir)).toEqual([]);
});

test('the other driver is refused while this one runs, and taken when nothing does', async () => {
  withDaemon();
  expect(await choose('compose')).toBe('compose');
  docker.answer('ps', `echo '{"Service":"mysql","State":"running"}'`);
  await expect(choose('native')).rejects.toThrow(RefusedError);
  docker.answer('ps', `echo '{"Service":"mysql","State":"exited"}'`);
  expect(await choose('native')).toBe('native');
  expect(recordedDriver(config)).toBe('native');
});

test('a lab of containers whose daemon is gone can be native', async () => {
  withDaemon();
  await choose();
  for (const word of ['info', 'ps']) docker.answer(word, "echo 'Cannot connect' >&2; exit 1");
  await expect(choose()).rejects.toThrow(EngineError);
  expect(await choose('native')).toBe('native');
});

test('findings say what the next up would choose, and change nothing', async () => {
  expect(await driverFindings(config, docker.env)).toMatchObject({ next: 'native', docker: { answers: false } });
  withDaemon();
  expect(await driverFindings(config, docker.env)).toEqual({
    next: 'compose',
    docker: { answers: true, engine: '28.2.2', compose: '2.40.3' },
  });
  expect(readdirSync(config.stateDir)).toEqual([]);
});

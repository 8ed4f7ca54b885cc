import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Config, readConfig } from '../config.ts';
import { EngineError, RefusedError } from '../errors.ts';
import { type FakeDocker, fakeDocker } from '../testing/fake-docker.ts';
import { composeFilePath } from './compose/docker.ts';
import { chooseDriver, createStack, driverFindings, driverInUse, forgetDriver, recordedDriver } from './driver.ts';

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

test('a daemon that answers and fails is no proof that nothing runs', async () => {
  withDaemon();
  await choose();
  docker.answer('ps', "echo 'permission denied' >&2; exit 1");
  await expect(choose('native')).rejects.toMatchObject({ name: 'EngineError', why: 'permission denied' });
  expect(recordedDriver(config)).toBe('compose');
});

describe('a lab that docker compose made without labctl', () => {
  const asked = (): number => docker.calls().length;
  const projectAt = (file: string): void =>
    docker.answer('ls', `echo '[{"Name":"labctl","Status":"running(11)","ConfigFiles":"${file}"}]'`);

  test('is found, and is not left to run beside a native one', async () => {
    withDaemon();
    projectAt(composeFilePath);
    expect(await driverInUse(config, docker.env)).toBe('compose');
    docker.answer('ps', `echo '{"Service":"mysql","State":"running"}'`);
    await expect(choose('native')).rejects.toThrow(RefusedError);
    expect(readdirSync(config.stateDir)).toEqual([]);
  });

  test('is looked for only where nothing is recorded, and nowhere without a docker on the PATH', async () => {
    withDaemon();
    projectAt('/home/me/other/docker-compose.yml');
    expect(await driverInUse(config, docker.env)).toBe('native');
    await choose('native');
    const before = asked();
    expect(await driverInUse(config, docker.env)).toBe('native');
    expect(asked()).toBe(before);
    forgetDriver(config);
    expect(await driverInUse(config, { PATH: '/nowhere' })).toBe('native');
  });

  test('of a daemon that hangs is not waited for', async () => {
    docker.answer('ls', 'exec sleep 30');
    expect(await driverInUse(config, docker.env)).toBe('native');
  });
});

describe('down -v of a lab that was switched', () => {
  const notes: string[] = [];
  const wipe = async (): Promise<void> => {
    notes.length = 0;
    const stack = await createStack(config, await driverInUse(config, docker.env), docker.env);
    await stack.down({ wipe: true }, (event) => void (event.kind === 'note' && notes.push(event.note)));
    forgetDriver(config);
  };
  const downs = () => docker.calls().filter((call) => / down /.test(call));
  const volumesGone = 'labctl: --profile on-demand down --remove-orphans --volumes';

  beforeEach(async () => {
    withDaemon();
    docker.answer('ls', 'echo "[]"');
    await choose('compose');
    await choose('native');
  });

  test('deletes the data of both drivers', async () => {
    await wipe();
    expect([downs(), notes]).toEqual([[volumesGone], []]);
    await wipe();
    expect(downs()).toEqual([volumesGone]);
  });

  test('says what Docker did not delete, and the next one tries again', async () => {
    docker.answer('ls', "echo 'Cannot connect' >&2; exit 1");
    await wipe();
    expect(notes).toEqual([expect.stringContaining('docker compose ls --all --format json failed')]);
    expect([downs(), recordedDriver(config)]).toEqual([[], undefined]);
    docker.answer('ls', 'echo "[]"');
    await wipe();
    expect([downs(), notes]).toEqual([[volumesGone], []]);
  });

  test('knows that Docker deleted it when the next one finds the containers by itself', async () => {
    docker.answer('ls', "echo 'Cannot connect' >&2; exit 1");
    await wipe();
    docker.answer('ls', `echo '[{"Name":"labctl","ConfigFiles":"${composeFilePath}"}]'`);
    await wipe();
    expect(readdirSync(join(config.stateDir, 'stack'))).not.toContain('driver.json');
  });

  test('from containers deletes the native data', async () => {
    const data = join(config.stateDir, 'stack', 'data', 'mysql');
    mkdirSync(data, { recursive: true });
    expect(await choose('compose')).toBe('compose');
    await wipe();
    expect([existsSync(data), downs()]).toEqual([false, [volumesGone]]);
  });
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

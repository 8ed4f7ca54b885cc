import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Config, readConfig } from '../../config.ts';
import { isAlive, signalProcess, spawnDaemon } from '../../process.ts';
import { fakeDocker } from '../../testing/fake-docker.ts';
import { composeOf } from './docker.ts';
import { untilDockerRests } from './docker-at-work.ts';

let config: Config;
let folder: string;

beforeEach(() => {
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-at-work-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  config = readConfig({ LABCTL_STATE_DIR: stateDir, LABCTL_LANG: 'en' });
  folder = join(stateDir, 'stack');
});

test('what outlives labctl is written down while it works, by pid and start time, and not longer', async () => {
  const docker = fakeDocker();
  const file = join(folder, 'docker.json');
  docker.answer('up', `until [ -s '${file}' ]; do sleep 0.02; done; echo $$; cat '${file}'`);
  const said = await composeOf(config, docker.env).call(['up'], { timeoutMs: 20_000, outlives: true });
  const [pid, written = ''] = said.split('\n');
  expect(JSON.parse(written)).toEqual({ pid: Number(pid), startedAt: expect.stringMatching(/./) });
  expect(readdirSync(folder)).toEqual([]);
});

test('the next waits for the end of one that a killed labctl left, and says so', async () => {
  const left = await spawnDaemon('sleep', ['60'], { logFile: join(config.stateDir, 'log') });
  onTestFinished(async () => void (await signalProcess(left, 'SIGKILL')));
  mkdirSync(folder);
  writeFileSync(join(folder, 'docker.json'), JSON.stringify(left));
  const notes: string[] = [];
  const rests = untilDockerRests(config, (event) => {
    if (event.kind !== 'note') return;
    notes.push(event.note);
    void signalProcess(left, 'SIGKILL');
  });
  await rests;
  expect(await isAlive(left)).toBe(false);
  expect(notes).toEqual([expect.stringContaining(`(pid ${left.pid}) of a labctl that was killed is still at work`)]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a pid that is somebody else by now is not waited for', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'docker.json'), JSON.stringify({ pid: process.pid, startedAt: 'long ago' }));
  await untilDockerRests(config, () => expect.unreachable());
  expect(readdirSync(folder)).toEqual([]);
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../../clock.ts';
import { identify, isAlive, spawnDaemon, terminate } from '../../../process.ts';
import { findMarkedProcesses } from '../../../process-marks.ts';
import { closeWorkDir, openWorkDir } from './work-dir.ts';

function cache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What a fetch leaves whose labctl was killed. */
function leftBy(owner: string, cacheDir: string): string {
  const folder = join(cacheDir, `.work-${owner}`);
  mkdirSync(join(folder, 'downloads', 'redis-packages'), { recursive: true });
  mkdirSync(join(folder, 'part-redis'));
  writeFileSync(join(folder, 'downloads', 'redis-packages', 'libc6.deb'), 'whole');
  return folder;
}
const nobody = `${2 ** 22 + 1}-1`;

/** A tool that goes on writing into the folder, as an apt does whose labctl was killed. */
async function writerInto(folder: string) {
  const script = 'trap "" HUP; while :; do echo x >>"$0/downloads/growing"; sleep 0.05; done';
  const logFile = join(folder, 'writer.log');
  const env = { PATH: process.env.PATH, LABCTL_FETCH: folder };
  const writer = await spawnDaemon('sh', ['-c', script, folder], { logFile, env });
  onTestFinished(() => terminate(writer, 100));
  await waitFor(
    'the writer to be seen',
    async () => (await findMarkedProcesses('LABCTL_FETCH')).some(({ process }) => process.pid === writer.pid),
    { timeoutMs: 10_000 },
  );
  return writer;
}

test('what failed is passed on to the next fetch; what succeeded leaves nothing', async () => {
  const cacheDir = cache();
  const first = await openWorkDir(cacheDir);
  writeFileSync(join(first.downloads, 'a.deb'), 'whole');
  mkdirSync(join(first.folder, 'part-redis'));
  await closeWorkDir(cacheDir, first, { keep: true });
  expect(readdirSync(cacheDir)).toEqual(['.downloads']);

  const second = await openWorkDir(cacheDir);
  expect(readFileSync(join(second.downloads, 'a.deb'), 'utf8')).toBe('whole');
  expect(existsSync(join(second.folder, 'part-redis'))).toBe(false);
  await closeWorkDir(cacheDir, second, { keep: false });
  expect(readdirSync(cacheDir)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a killed fetch: its tools are ended before its downloads are used',
  async () => {
    const cacheDir = cache();
    const left = leftBy(nobody, cacheDir);
    const writer = await writerInto(left);
    const { downloads, folder } = await openWorkDir(cacheDir);
    expect(await isAlive(writer)).toBe(false);
    expect(readFileSync(join(downloads, 'redis-packages', 'libc6.deb'), 'utf8')).toBe('whole');
    expect(existsSync(join(folder, 'part-redis'))).toBe(false);
    expect(existsSync(left)).toBe(false);
  },
);

test('what a living fetch works in is left alone', async () => {
  const cacheDir = cache();
  const { pid, startedAt } = (await identify(process.ppid)) ?? { pid: 0, startedAt: '' };
  const left = leftBy(`${pid}-${encodeURIComponent(startedAt)}`, cacheDir);
  const { downloads } = await openWorkDir(cacheDir);
  expect(readdirSync(downloads)).toEqual([]);
  expect(existsSync(join(left, 'downloads', 'redis-packages', 'libc6.deb'))).toBe(true);
});

test('the folder of a labctl of an older make, which names no start time, is thrown away', async () => {
  const cacheDir = cache();
  const left = leftBy('4711', cacheDir);
  const work = await openWorkDir(cacheDir);
  expect(existsSync(left)).toBe(false);
  await closeWorkDir(cacheDir, work, { keep: false });
});

test.runIf(process.platform === 'linux')('a stopped fetch ends the children that its tools leave', async () => {
  const cacheDir = cache();
  const work = await openWorkDir(cacheDir);
  const writer = await writerInto(work.folder);
  await closeWorkDir(cacheDir, work, { keep: true });
  expect(await isAlive(writer)).toBe(false);
});

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../../clock.ts';
import { packageRoot } from '../../../package-root.ts';
import { isAlive, run, signalProcess, spawnDaemon, terminate } from '../../../process.ts';
import { findMarkedProcesses } from '../../../process-marks.ts';
import { folderBytes } from './engine-cache.ts';

const { cacheDir: shared } = inject('config');

/**
 * Fetches what a cache lacks, as a process of its own that can be killed. Its events come one a line. apt is slowed down by
 * the machine's own setting for that, so that there is a middle.
 */
function fetching(cacheDir: string) {
  const aptConfig = join(cacheDir, '..', 'apt.conf');
  writeFileSync(aptConfig, 'Acquire::http::Dl-Limit "1500"; Acquire::https::Dl-Limit "1500";\n');
  const folder = JSON.stringify(join(packageRoot, 'infra'));
  const script = `
    const { fetchEngines } = await import(${folder} + '/stack/native/fetch/fetch-engines.ts');
    const { readConfig } = await import(${folder} + '/config.ts');
    const onEvent = (event) => console.log(JSON.stringify(event));
    await fetchEngines({ config: readConfig(process.env), env: process.env, signal: new AbortController().signal, onEvent });`;
  const env = {
    ...process.env,
    LABCTL_CACHE_DIR: cacheDir,
    LABCTL_HOST_ENGINES: '0',
    LABCTL_LANG: 'en',
    APT_CONFIG: aptConfig,
  };
  return { args: ['--input-type=module', '--no-warnings', '-e', script], env };
}

/** A cache that lacks Redis alone; the other engines are links to those of the stack that these tests run on. */
function cacheWithoutRedis(): string {
  const base = mkdtempSync(join(tmpdir(), 'labctl-resume-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const cacheDir = join(base, 'cache');
  mkdirSync(cacheDir);
  for (const name of readdirSync(shared)) {
    if (!name.startsWith('.') && !name.startsWith('redis') && name !== 'fetch.lock')
      symlinkSync(join(shared, name), join(cacheDir, name));
  }
  return cacheDir;
}

/** A process that is gone when the test is, also when it fails. */
async function daemon(...call: Parameters<typeof spawnDaemon>) {
  const child = await spawnDaemon(...call);
  onTestFinished(() => terminate(child, 5_000));
  return child;
}

function packagesOf(work: string): ReadonlyMap<string, number> {
  const folder = join(work, 'downloads', 'redis-packages');
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.deb')) : [];
  return new Map(names.map((name) => [name, statSync(join(folder, name)).ino]));
}

async function archiveAnswers(): Promise<boolean> {
  const { stdout } = await run('apt-get', ['indextargets', '--no-release-info', '--format', '$(SITE)'], {
    timeoutMs: 10_000,
  });
  const site = stdout.split('\n')[0];
  if (!site) return false;
  return fetch(site, { signal: AbortSignal.timeout(5_000) }).then(
    () => true,
    () => false,
  );
}

test('a fetch killed in the middle is gone on with: what was whole is not downloaded again', async (context) => {
  context.skip(!(await archiveAnswers()), "the distribution's archive does not answer");
  const cacheDir = cacheWithoutRedis();
  const { args, env } = fetching(cacheDir);
  const workDirs = () => readdirSync(cacheDir).filter((name) => name.startsWith('.work-'));
  const logFile = join(cacheDir, '..', 'killed.log');
  const killed = await daemon(process.execPath, args, { logFile, env });
  const work = await waitFor(
    'a third of the packages',
    () =>
      workDirs()
        .map((name) => join(cacheDir, name))
        .find((folder) => packagesOf(folder).size > 12),
    { timeoutMs: 90_000, intervalMs: 20 },
  );
  expect(await signalProcess(killed, 'SIGKILL')).toBe(true);
  await waitFor('it to be gone', async () => !(await isAlive(killed)), { timeoutMs: 10_000 });
  const before = packagesOf(work);
  // Of what was there, one is damaged without changing its size.
  const [damaged = ''] = before.keys();
  const damagedFile = join(work, 'downloads', 'redis-packages', damaged);
  const whole = createHash('md5').update(readFileSync(damagedFile)).digest('hex');
  writeFileSync(damagedFile, Buffer.alloc(statSync(damagedFile).size));

  const resumed = daemon(process.execPath, args, { logFile: join(cacheDir, '..', 'resumed.log'), env });
  const next = await waitFor(
    'the next to have them all',
    () =>
      workDirs()
        .map((name) => join(cacheDir, name))
        .find((folder) => folder !== work && existsSync(join(folder, 'part-redis', 'usr'))),
    { timeoutMs: 90_000, intervalMs: 5 },
  );
  const after = packagesOf(next);
  const kept = [...before].filter(([name, inode]) => after.get(name) === inode);
  expect(kept.length).toBeGreaterThanOrEqual(before.size - 1);
  expect(
    createHash('md5')
      .update(readFileSync(join(next, 'downloads', 'redis-packages', damaged)))
      .digest('hex'),
  ).toBe(whole);
  const second = await resumed;
  await waitFor('the next to end', async () => !(await isAlive(second)), { timeoutMs: 90_000 });
  expect(readFileSync(join(cacheDir, '..', 'resumed.log'), 'utf8')).toMatch(
    /going on with a fetch that did not finish/,
  );
  expect(readdirSync(cacheDir).filter((name) => name.startsWith('.') || name === 'fetch.lock')).toEqual([]);
  expect(
    folderBytes(join(cacheDir, readdirSync(cacheDir).find((name) => name.startsWith('redis')) ?? '')),
  ).toBeGreaterThan(1e7);
  expect((await findMarkedProcesses('LABCTL_FETCH')).filter(({ value }) => value.startsWith(cacheDir))).toEqual([]);
}, 240_000);

test('two at once: the second waits, and finds it fetched', async (context) => {
  context.skip(!(await archiveAnswers()), "the distribution's archive does not answer");
  const { args, env } = fetching(cacheWithoutRedis());
  const both = await Promise.all([1, 2].map(() => run(process.execPath, args, { env, timeoutMs: 200_000 })));
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const events = both.map(({ stdout }) => stdout);
  expect(events.filter((text) => text.includes('another labctl'))).toHaveLength(1);
  expect(events.filter((text) => text.includes('"phase":"done"'))).toHaveLength(1);
}, 240_000);

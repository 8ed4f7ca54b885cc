import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderBytes, installEngine, readFetched } from './engine-cache.ts';

function cache(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
const workDirIn = (cacheDir: string): string => mkdtempSync(join(cacheDir, '.work-'));
const key = { engine: 'redis' };

test('an engine is there once it was filled, with its version and source', async () => {
  const cacheDir = cache();
  expect(readFetched(cacheDir, key)).toBeUndefined();
  await installEngine({ cacheDir, workDir: workDirIn(cacheDir), key, nowMs: 0 }, async (folder) => {
    writeFileSync(join(folder, 'program'), 'x'.repeat(100));
    return { version: '7.0.15', source: 'redis-server 5:7.0.15-1' };
  });
  const fetched = readFetched(cacheDir, key);
  expect(fetched).toMatchObject({ engine: 'redis', version: '7.0.15', fetchedAt: '1970-01-01T00:00:00.000Z' });
  expect(readFileSync(join(fetched?.folder ?? '', 'program'), 'utf8')).toHaveLength(100);
  expect(folderBytes(cacheDir)).toBeGreaterThan(100);
});

test('a fetch that failed half way does not look finished, and the next one begins anew', async () => {
  const cacheDir = cache();
  const failing = installEngine({ cacheDir, workDir: workDirIn(cacheDir), key, nowMs: 0 }, async (folder) => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('network');
  });
  await expect(failing).rejects.toThrow('network');
  expect(readFetched(cacheDir, key)).toBeUndefined();
  const { folder } = await installEngine({ cacheDir, workDir: workDirIn(cacheDir), key, nowMs: 0 }, async () => ({
    version: '1',
    source: 's',
  }));
  expect(existsSync(join(folder, 'half'))).toBe(false);
});

test('each pinned version has a folder of its own', async () => {
  const cacheDir = cache();
  const install = (pinnedVersion: string) =>
    installEngine(
      { cacheDir, workDir: workDirIn(cacheDir), key: { engine: 'kafka', pinnedVersion }, nowMs: 0 },
      async () => ({
        version: pinnedVersion,
        source: 'pom',
      }),
    );
  await install('4.4.0');
  await install('4.5.0');
  expect(readFetched(cacheDir, { engine: 'kafka', pinnedVersion: '4.4.0' })?.version).toBe('4.4.0');
});

test('a folder without its manifest is no engine', () => {
  const cacheDir = cache();
  mkdirSync(join(cacheDir, `redis-r1-${process.arch}`));
  expect(readFetched(cacheDir, key)).toBeUndefined();
});

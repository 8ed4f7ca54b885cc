import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../../config.ts';
import { EngineError } from '../../../errors.ts';
import { fetchEngines } from './fetch-engines.ts';

test('without apt, the error names everything to install, or Docker; nothing is left', async () => {
  const base = mkdtempSync(join(tmpdir(), 'labctl-fetch-'));
  onTestFinished(() => rmSync(base, { recursive: true }));
  const cacheDir = join(base, 'cache');
  const config = readConfig({ LABCTL_STATE_DIR: base, LABCTL_CACHE_DIR: cacheDir, LABCTL_HOST_ENGINES: '0' });
  const env = { PATH: join(base, 'bin') };
  const failure = await fetchEngines({ config, env, onEvent() {}, signal: AbortSignal.timeout(30_000) }).catch(
    (error: unknown) => error,
  );
  if (!(failure instanceof EngineError)) throw failure;
  expect(failure.message).toBe('the engines cannot be fetched on this system');
  expect(failure.tryThis[0]).toMatch(/Maven, MySQL 8\.4 or newer \(mysqld, mysql\), Redis 7\.0 or newer/);
  expect(failure.tryThis[1]).toMatch(/Docker/);
  expect(readdirSync(cacheDir)).toEqual([]);
});

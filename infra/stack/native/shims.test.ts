import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { run } from '../../process.ts';
import { privateServer } from './fetch/engines.ts';
import { mysqlShim, writeShims } from './shims.ts';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "labctl shim's-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** A root whose run/exec prints its arguments, one a line. */
async function called(args: readonly string[]): Promise<readonly string[]> {
  const root = folder();
  mkdirSync(join(root, 'run'));
  writeFileSync(join(root, 'run', 'exec'), '#!/bin/sh\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  writeFileSync(join(root, 'mysql'), mysqlShim('mysql', privateServer(root, '9.7.4')), { mode: 0o755 });
  const { stdout } = await run(join(root, 'mysql'), args, { timeoutMs: 5_000 });
  return stdout.split('\n');
}

test("the host's option files are left out", async () => {
  const args = ['-h', '127.0.0.1', '-e', 'SELECT 1; SELECT "two words"'];
  expect(await called(args)).toEqual(['mysql', '--no-defaults', ...args]);
});

test('a choice of option files is kept in front, where alone it works', async () => {
  expect(await called(['--defaults-file=x', 'lab'])).toEqual(['mysql', '--defaults-file=x', 'lab']);
});

test('without engines they say what to do', async () => {
  const state = folder();
  const config = readConfig({
    LABCTL_STATE_DIR: state,
    LABCTL_CACHE_DIR: join(state, 'cache'),
    LABCTL_HOST_ENGINES: '0',
  });
  const bin = await writeShims(config, { env: {} });
  expect(readdirSync(bin)).toEqual(expect.arrayContaining(['mysql', 'redis-cli', 'kafka-consumer-groups']));
  const { exitCode, stderr } = await run(join(bin, 'redis-cli'), ['ping'], { timeoutMs: 5_000 });
  expect(exitCode).toBe(69);
  expect(stderr).toContain('labctl up');
});

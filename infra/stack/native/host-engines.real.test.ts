import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { mysqlConnection } from '../../mysql/pool.ts';
import { run } from '../../process.ts';
import { connectRedis, redisClient } from '../../redis/client.ts';
import { labEndpoints } from '../endpoints.ts';
import { readFetched } from './fetch/engine-cache.ts';
import { engineKeys } from './fetch/engines.ts';
import { layoutOf } from './layout.ts';
import { inspectMachine } from './machine.ts';
import { createNativeStack } from './native-stack.ts';
import { writeShims } from './shims.ts';

const config = inject('config');
const signal = AbortSignal.timeout(100_000);
const mysqlRoot = readFetched(config.cacheDir, engineKeys.mysql)?.folder;
const redisRoot = readFetched(config.cacheDir, engineKeys.redis)?.folder;

/**
 * A PATH whose mysqld and redis-server know their own places and libraries, as a host's do: real engines, each call noted.
 * @returns it, and the file of the calls.
 */
function hostPath(base: string): { readonly path: string; readonly calls: string } {
  const bin = join(base, 'bin');
  const calls = join(base, 'calls');
  mkdirSync(bin);
  const share = `${mysqlRoot}/usr/share/mysql`;
  const places = `--basedir=${mysqlRoot}/usr --lc-messages-dir=${share} --character-sets-dir=${share}/charsets`;
  const program = (name: string, root: string | undefined, more: string) => {
    const lines = ['#!/bin/sh', `echo "${name} $*" >>"${calls}"`, `exec "${root}/run/exec" ${name} "$@" ${more}`];
    writeFileSync(join(bin, name), `${lines.join('\n')}\n`, { mode: 0o755 });
  };
  program('mysqld', mysqlRoot, `${places} --plugin-dir=${mysqlRoot}/usr/lib/mysql/plugin`);
  program('mysql', mysqlRoot, '');
  program('redis-server', redisRoot, '');
  program('redis-cli', redisRoot, '');
  return { path: `${bin}:/usr/bin:/bin`, calls };
}

// Where the machine has engines of its own, nothing was fetched that could stand in for them here.
test.runIf(mysqlRoot !== undefined && redisRoot !== undefined)(
  "the host's MySQL and Redis are started from the PATH, serve, and have their clients in the shell",
  async () => {
    const base = mkdtempSync(join(tmpdir(), 'labctl-host-'));
    const { path, calls } = hostPath(base);
    const moved = { ...config, portOffset: config.portOffset + 20, stateDir: join(base, 'state'), hostEngines: true };
    const env = { ...process.env, PATH: path };
    const stack = createNativeStack(moved, env);
    onTestFinished(async () => {
      await stack.down({ wipe: true }, () => {});
      rmSync(base, { recursive: true });
    });
    await stack.start('redis', signal);
    await stack.start('mysql', signal);

    const endpoints = labEndpoints(moved.portOffset);
    const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: 'lab', owner: 'test' });
    onTestFinished(() => connection.destroy());
    const [rows] = await connection.query('SELECT @@basedir AS basedir, @@datadir AS datadir');
    expect(rows).toMatchObject([{ datadir: `${layoutOf(moved.stateDir).dataDir('mysql')}/` }]);
    const redis = redisClient(endpoints.redis, 'test');
    onTestFinished(() => redis.disconnect());
    await connectRedis(redis);
    expect(await redis.ping()).toBe('PONG');

    const started = readFileSync(calls, 'utf8').split('\n');
    const served = started.filter((call) => call.startsWith('mysqld') && call.includes('--port='));
    expect(served).toHaveLength(1);
    expect(served[0]).toMatch(/^mysqld --no-defaults /);
    expect(served[0]).not.toMatch(/--basedir|--lc-messages-dir|--plugin-dir/);
    expect(started.filter((call) => call.startsWith('redis-server --port'))).toHaveLength(1);
    const data = layoutOf(moved.stateDir).dataDir('mysql');
    expect(existsSync(join(data, 'mysql_upgrade_history'))).toBe(true);

    const shims = await writeShims(moved, { env });
    const asked = [
      '-h',
      '127.0.0.1',
      '-P',
      String(endpoints.mysql.port),
      '-uroot',
      '-proot',
      'lab',
      '-Ne',
      'SELECT 42',
    ];
    const { stdout } = await run(join(shims, 'mysql'), asked, { timeoutMs: 20_000 });
    expect(stdout).toBe('42');
    expect(readFileSync(calls, 'utf8')).toMatch(/^mysql --no-defaults -h 127\.0\.0\.1/m);

    const machine = await inspectMachine(moved, { env, signal });
    expect(machine.mysql[0]).toMatchObject({ path: join(base, 'bin', 'mysqld'), fits: true });
    const refused = await inspectMachine({ ...moved, hostEngines: false }, { env, signal });
    expect(refused.redis[0]).toMatchObject({ fits: false, rejected: { en: 'LABCTL_HOST_ENGINES=0' } });
  },
  110_000,
);

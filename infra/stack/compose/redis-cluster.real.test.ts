import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { waitFor } from '../../clock.ts';
import { packageRoot } from '../../package-root.ts';
import { type ProcessIdentity, run, spawnDaemon, terminate } from '../../process.ts';
import { formCluster } from '../../redis/cluster/form-cluster.ts';
import { findEngines } from '../native/fetch/engines.ts';
import { clusterPlaces } from '../native/nodes/redis-cluster-nodes.ts';
import { portsFor } from '../ports.ts';
import { redisClusterFlags, redisFlags } from '../settings/redis.ts';
import { clusterNodes } from './containers/stores.ts';

/** The script of the redis-cluster service, with real servers and its very flags, but on this machine. */

const config = inject('config');
const ports = clusterNodes.map((node) => String(portsFor(config.portOffset)[node]));
const script = join(packageRoot, 'infra', 'stack', 'compose', 'scripts', 'redis-cluster.sh');
let folder: string;
let env: NodeJS.ProcessEnv;
let main: ProcessIdentity | undefined;

const verb = async (...args: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await run('bash', [script, ...args], { env, timeoutMs: 30_000 });
  return exitCode === 0 ? stdout : `failed: ${stderr}`;
};
const states = async (): Promise<readonly string[]> =>
  (await verb('state', join(folder, 'data'), ...ports)).split('\n');

async function begin(): Promise<void> {
  const flags = [...redisFlags.slice(2), ...redisClusterFlags];
  const args = [script, 'run', join(folder, 'data'), ...ports, '--', ...flags];
  main = await spawnDaemon('bash', args, { logFile: join(folder, 'log'), env });
  await waitFor('the cluster to be whole', async () => (await verb('answers', join(folder, 'data'), ...ports)) === '', {
    timeoutMs: 60_000,
    intervalMs: 300,
  });
}

async function end(): Promise<void> {
  if (main !== undefined) await terminate(main, 20_000);
  main = undefined;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-cluster-'));
  const { redis } = await findEngines(config, process.env, AbortSignal.timeout(60_000));
  if (redis === undefined) throw new Error('the private stack has a Redis');
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of ['redis-server', 'redis-cli']) {
    const command = redis.commandOf(name).map((word) => `'${word}'`);
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  await begin();
}, 90_000);

afterAll(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

test('three masters with a replica each announce 127.0.0.1', { timeout: 60_000 }, async () => {
  const nodes = await waitFor(
    'every master to have its replica',
    async () => {
      const { stdout } = await run('redis-cli', ['-p', ports[0] ?? '', 'cluster', 'nodes'], { env, timeoutMs: 10_000 });
      return (stdout.match(/ slave /g) ?? []).length === 3 && stdout.trim().split('\n');
    },
    { timeoutMs: 40_000, intervalMs: 500 },
  );
  expect(nodes.map((line) => line.split(' ')[1]?.replace(/@.*/, '')).toSorted()).toEqual(
    ports.map((port) => `127.0.0.1:${port}`).toSorted(),
  );
});

test('one server is killed, frozen, stopped and started, and the others are left alone', async () => {
  const data = join(folder, 'data');
  const [, second = ''] = ports;
  const around = (state: string): readonly string[] => ['running', state, 'running', 'running', 'running', 'running'];
  const steps = [
    ['pause', 'paused'],
    ['resume', 'running'],
    ['kill', 'dead'],
    ['start', 'running'],
    ['stop', 'stopped'],
    ['start', 'running'],
  ] as const;
  for (const [step, state] of steps) {
    expect(await verb(step, data, second), step).toBe('');
    expect(await states(), step).toEqual(around(state));
  }
  expect(await verb('kill', data, '1')).toMatch(/no server on port 1/);
  expect(await verb('resume', data, '1'), 'who is gone is not paused').toBe('');
});

test('a server that came back without its data is taken in again by what ensure does', {
  timeout: 120_000,
}, async () => {
  const data = join(folder, 'data');
  const [, second = ''] = ports;
  await verb('kill', data, second);
  rmSync(join(data, second, 'nodes.conf'));
  expect(await verb('start', data, second)).toBe('');
  const known = async (): Promise<number> => {
    const { stdout } = await run('redis-cli', ['-p', second, 'cluster', 'nodes'], { env, timeoutMs: 10_000 });
    return stdout.trim().split('\n').length;
  };
  expect(await known()).toBe(1);
  const onReset = (): never => expect.unreachable('what the others hold is kept');
  await formCluster(clusterPlaces(portsFor(config.portOffset)), { signal: AbortSignal.timeout(90_000), onReset });
  expect(await known()).toBe(6);
});

test('TERM ends all six, and the next start finds the cluster it had', { timeout: 120_000 }, async () => {
  await end();
  expect(await states()).toEqual(ports.map(() => 'stopped'));
  const said = readFileSync(join(folder, 'log'), 'utf8').length;
  await begin();
  expect(newLines(said)).not.toContain('Performing hash slots allocation');
});

const newLines = (from: number): string => readFileSync(join(folder, 'log'), 'utf8').slice(from);

/** One server knows the others, whom nothing makes know it. */
test('who was killed while the cluster was made left no mark of its end: the next start makes it anew', {
  timeout: 120_000,
}, async () => {
  await end();
  const data = join(folder, 'data');
  const said = readFileSync(join(folder, 'log'), 'utf8').length;
  rmSync(join(data, 'created'));
  for (const port of ports.slice(1)) rmSync(join(data, port, 'nodes.conf'));
  await begin();
  expect(newLines(said)).toContain('Performing hash slots allocation');
  await end();
  rmSync(join(data, 'created'));
  const later = readFileSync(join(folder, 'log'), 'utf8').length;
  await begin();
  expect(newLines(later), 'what is whole is kept').not.toContain('Performing hash slots allocation');
});

import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { systemClock, waitFor } from '../infra/clock.ts';
import { faultsFolder } from '../infra/faults/folder.ts';
import { faultStore } from '../infra/faults/store.ts';
import { packageRoot } from '../infra/package-root.ts';
import { isAlive, type RunResult, run, signalProcess } from '../infra/process.ts';
import { createNativeStack } from '../infra/stack/native/native-stack.ts';
import type { NodeName, NodeStatus } from '../infra/stack/stack.ts';
import { runInBackground } from './background-order.ts';
import { exitCodes } from './output/exit-codes.ts';

/** Faults as an operator orders them: the program itself, on real engines. */

const config = inject('config');
const stack = createNativeStack(config);
const store = faultStore(faultsFolder(config.stateDir));
const main = join(packageRoot, 'dist', 'cli', 'main.js');

function labctl(line: string): Promise<RunResult> {
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: 'C.UTF-8',
    LABCTL_PORT_OFFSET: String(config.portOffset),
    LABCTL_STATE_DIR: config.stateDir,
    LABCTL_CACHE_DIR: config.cacheDir,
  };
  return run(process.execPath, [main, ...line.split(' ')], { env, timeoutMs: 90_000 });
}

const ordered = z.object({ id: z.string(), expiresAtMs: z.number() });

async function order(line: string): Promise<z.infer<typeof ordered>> {
  const { exitCode, stdout, stderr } = await labctl(`${line} --json`);
  expect(stderr).toBe('');
  expect(exitCode).toBe(exitCodes.ok);
  return ordered.parse(JSON.parse(stdout));
}

const stateOf = async (node: NodeName): Promise<NodeStatus['state'] | undefined> =>
  (await stack.status()).find((status) => status.node === node)?.state;

async function killHealer(id: string): Promise<void> {
  const healer = store.healer(id);
  if (healer === undefined) throw new Error(`${id} has no healer`);
  await signalProcess(healer, 'SIGKILL');
  await waitFor('its end', async () => !(await isAlive(healer)), { timeoutMs: 5_000 });
}

beforeAll(async () => {
  expect((await labctl('up')).exitCode).toBe(exitCodes.ok);
});
afterAll(async () => {
  await labctl('fault heal --all');
});

test('kill --for returns at once, and the node is back when its time is up, without any command', async () => {
  const startMs = systemClock.now();
  const { id, expiresAtMs } = await order('fault kill redis --for 4s');
  expect(systemClock.now()).toBeLessThan(expiresAtMs);
  expect(await stateOf('redis')).toBe('dead');
  const record = await waitFor('it to be healed', () => store.history().find((entry) => entry.id === id), {
    timeoutMs: 40_000,
  });
  expect(await stateOf('redis')).toBe('running');
  expect(record).toMatchObject({ cause: 'expired', by: 'healer' });
  expect(record.healedAtMs - startMs).toBeGreaterThanOrEqual(4_000);
  expect((await labctl('fault list')).stdout).toMatch(new RegExp(`^${id} .* time was up +its healer`, 'm'));
});

test('a healer that is SIGKILLed: the next command heals what has expired, says so, and does its own work', async () => {
  const { id, expiresAtMs } = await order('fault kill redis --for 3s');
  await killHealer(id);
  await waitFor('the expiry', () => systemClock.now() > expiresAtMs, { timeoutMs: 10_000 });
  expect(await stateOf('redis')).toBe('dead');
  const { exitCode, stdout, stderr } = await labctl('load status');
  expect(stdout).toBe('demo transfers: not running');
  expect(exitCode).toBe(exitCodes.finding);
  expect(stderr).toBe(`fault kill redis (${id}): it had expired without a living healer, and is healed now`);
  expect(await stateOf('redis')).toBe('running');
  expect(store.history().find((entry) => entry.id === id)).toMatchObject({ cause: 'expired', by: 'command' });
});

test('a second fault on the node is refused, and heal ends the first early', async () => {
  const { id } = await order('fault pause redis --for 1m');
  const second = await labctl('fault kill redis');
  expect(second.exitCode).toBe(exitCodes.refused);
  expect(second.stderr).toContain(`redis has a fault already: ${id}`);
  const healed = await labctl(`fault heal ${id}`);
  expect(healed.stdout).toMatch(new RegExp(`^pause redis \\(${id}\\): healed in \\d`));
  expect(healed.exitCode).toBe(exitCodes.ok);
  expect(await stateOf('redis')).toBe('running');
});

test('restart waits until the node is back', async () => {
  const before = (await stack.status()).find(({ node }) => node === 'redis')?.process;
  const { exitCode, stdout } = await labctl('fault restart redis --json');
  expect(exitCode).toBe(exitCodes.ok);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'labctl.fault.restart/1', node: 'redis', back: true });
  expect((await stack.status()).find(({ node }) => node === 'redis')?.process).not.toEqual(before);
});

test('an order of the console runs as a process of its own, and its failure comes back in words', async () => {
  const context = {
    self: { command: process.execPath, args: [main] },
    env: {
      ...process.env,
      LABCTL_PORT_OFFSET: String(config.portOffset),
      LABCTL_STATE_DIR: config.stateDir,
      LABCTL_CACHE_DIR: config.cacheDir,
    },
    clock: systemClock,
    signal: new AbortController().signal,
    config: async () => config,
  };
  await runInBackground(context, ['fault', 'pause', 'redis', '--for', '1m'], 'en');
  expect(await stateOf('redis')).toBe('paused');
  const second = runInBackground(context, ['fault', 'kill', 'redis'], 'ko');
  await expect(second).rejects.toThrow('redis에는 이미 장애가 걸려 있습니다');
  await runInBackground(context, ['fault', 'heal', '--all'], 'en');
  expect(await stateOf('redis')).toBe('running');
});

test('up repairs a frozen node and a killed one, and ends their leases', async () => {
  const frozen = await order('fault pause redis --for 5m');
  const killed = await order('fault kill schema-registry --for 5m');
  const { exitCode, stderr } = await labctl('up');
  expect(exitCode).toBe(exitCodes.ok);
  for (const { id } of [frozen, killed]) expect(stderr).toContain(`fault healed: ${id}`);
  expect(store.leases()).toEqual([]);
  expect(new Set((await stack.status()).map(({ state }) => state))).toEqual(new Set(['running']));
});

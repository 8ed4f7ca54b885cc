import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { scopeOf } from '../contract/scope.ts';
import { RefusedError } from '../errors.ts';
import { KafkaReader } from '../kafka/reader.ts';
import { isAlive, type ProcessIdentity, signalProcess } from '../process.ts';
import { prepareScope } from '../scope/prepare.ts';
import { layoutOf } from '../stack/native/layout.ts';
import { lockProcess } from '../stack/native/process-lock.ts';
import type { NodeName } from '../stack/stack.ts';
import { endLeases } from './end-leases.ts';
import { freezeFollowersOf } from './frozen-followers.ts';
import { healLeases } from './heal-leases.ts';
import { injectFault } from './inject.ts';
import { kill } from './kill.ts';
import { healOverdue } from './overdue.ts';
import { pause } from './pause.ts';
import { poison } from './poison.ts';
import { stop } from './stop.ts';
import {
  isInSync,
  lab,
  redisAnswers,
  runnerOf,
  scope,
  startRunner,
  stateOf,
  store,
  switchedOff,
} from './testing/laboratory.ts';

/** Leases on real engines: who heals when, and what happens when that one is gone too. */

const endpoints = inject('endpoints');

beforeAll(async () => {
  await prepareScope(endpoints, scopeOf(scope));
});
afterAll(async () => {
  await endLeases(lab, async () => {});
  await lab.stack.up(() => {}, new AbortController().signal);
});

/** Node.js' own listener on a port, in the way of an engine. */
async function portTaken(port: number): Promise<Server> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await waitFor('the port', () => listens(server, port), { timeoutMs: 10_000 });
  return server;
}

async function listens(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
}

async function endHealerOf(leaseId: string): Promise<void> {
  const healer = store.healer(leaseId);
  if (healer === undefined) throw new Error(`${leaseId} has no healer`);
  await terminateNow(healer);
}

const processOf = async (node: NodeName): Promise<ProcessIdentity | undefined> =>
  (await lab.stack.status()).find((status) => status.node === node)?.process;

async function terminateNow(victim: ProcessIdentity): Promise<void> {
  await signalProcess(victim, 'SIGKILL');
  await waitFor('its end', async () => !(await isAlive(victim)), { timeoutMs: 10_000 });
}

const command = { who: 'a test', owner: 'nobody' } as const;

describe('a lease of nobody', () => {
  test('outlives whoever took it, and heals when its time is up', async () => {
    const { process: runner, leaseId } = await runnerOf(kill.of({ node: 'redis' }), 6_000, 'nobody');
    const lease = store.lease(leaseId);
    await terminateNow(runner);
    expect(await redisAnswers()).toBe(false);
    await waitFor('Redis to answer', redisAnswers, { timeoutMs: 40_000 });
    expect(systemClock.now()).toBeGreaterThanOrEqual(lease?.expiresAtMs ?? Number.POSITIVE_INFINITY);
    const record = await waitFor('the record', () => store.history().find(({ id }) => id === leaseId), {
      timeoutMs: 20_000,
    });
    expect(record).toMatchObject({ cause: 'expired', by: 'healer', outcome: 'healed' });
  });

  test('keeps a second fault off its node; one on another node is fine; healed by whoever asks', async () => {
    const first = await injectFault(pause.of({ node: 'redis' }), lab, { ...command, forMs: 60_000 });
    const second = injectFault(kill.of({ node: 'redis' }), lab, { ...command, forMs: 60_000 });
    await expect(second).rejects.toThrow(RefusedError);
    await expect(second).rejects.toThrow(first.lease.id);
    const other = await injectFault(poison.of({ scope, share: 1 }), lab, { ...command, forMs: 60_000 });
    expect(await other.heal()).toMatchObject({ state: 'healed', record: { by: 'runner', cause: 'asked' } });
    expect(await first.heal()).toMatchObject({ state: 'healed' });
    expect(await redisAnswers()).toBe(true);
    expect(await first.heal()).toMatchObject({ state: 'gone', record: { id: first.lease.id } });
    expect(store.leases()).toEqual([]);
  });

  test('whose healer is SIGKILLed gets a new one from the next command', async () => {
    const { lease, heal } = await injectFault(pause.of({ node: 'redis' }), lab, { ...command, forMs: 60_000 });
    const before = store.healer(lease.id);
    await endHealerOf(lease.id);
    expect(await healOverdue(lab)).toMatchObject([{ found: 'unguarded', lease: { id: lease.id } }]);
    const after = store.healer(lease.id);
    expect(after).not.toEqual(before);
    expect(after === undefined ? false : await isAlive(after)).toBe(true);
    expect(await healOverdue(lab)).toEqual([]);
    await heal();
    await waitFor('the new healer to end', async () => after !== undefined && !(await isAlive(after)), {
      timeoutMs: 5_000,
    });
  });
});

describe('a lease', () => {
  test('whose engine cannot be started stays, with the reason, and is healed when it can be', async () => {
    const { lease } = await injectFault(kill.of({ node: 'redis' }), lab, { ...command, forMs: 60_000 });
    await endHealerOf(lease.id);
    store.write({ ...lease, expiresAtMs: systemClock.now() });
    const server = await portTaken(lab.stack.endpoint('redis').port);
    const failed = await healOverdue(lab);
    expect(failed).toMatchObject([{ found: 'due', result: { state: 'failed', lease: { failure: { attempts: 1 } } } }]);
    expect(store.lease(lease.id)?.failure?.error).toMatch(/port is taken/);
    // A moment later not every command waits for it again.
    expect(await healOverdue(lab)).toMatchObject([{ found: 'failing' }]);
    await new Promise((resolve) => server.close(resolve));
    const [result] = await Array.fromAsync(healLeases(store.leases(), lab, 30_000));
    expect(result).toMatchObject({ state: 'healed', record: { by: 'command', attempts: 2 } });
    expect(await redisAnswers()).toBe(true);
  });

  test('whose injector dies in the middle of an orderly stop: the stop is finished, then the broker started', async () => {
    const before = await processOf('kafka-3');
    const runner = await startRunner(stop.of({ node: 'kafka-3' }), 120_000);
    const { lockFile } = layoutOf(lab.config.stateDir);
    const leaseOf = () => store.leases().find(({ owner }) => owner?.pid === runner.process.pid);
    const breaking = (): boolean => leaseOf()?.phase === 'breaking' && existsSync(lockFile);
    await waitFor('the stop to begin', breaking, { timeoutMs: 40_000, intervalMs: 1 });
    const id = leaseOf()?.id;
    await terminateNow(runner.process);
    const healed = () => store.history().find((entry) => entry.id === id);
    expect(await waitFor('the record', healed, { timeoutMs: 50_000 })).toMatchObject({ cause: 'owner-died' });
    const after = await processOf('kafka-3');
    expect(after).not.toEqual(before);
    expect(await isInSync('kafka-3')).toBe(true);
  });

  test('ends with the whole lab: what lives in a worker is undone, and no healer starts a node again', async () => {
    const killed = await injectFault(kill.of({ node: 'redis' }), lab, { ...command, forMs: 60_000 });
    const poisoned = await injectFault(poison.of({ scope, share: 1 }), lab, { ...command, forMs: 60_000 });
    const healers = [killed, poisoned].map(({ lease }) => store.healer(lease.id));
    const dies = endLeases(lab, async () => {
      // Time is up, and its healer waits for whoever stops the lab.
      store.write({ ...killed.lease, expiresAtMs: systemClock.now() });
      await systemClock.sleep(1_500);
      expect(await stateOf('redis')).toBe('dead');
      store.write(killed.lease);
      throw new Error('stopped half-way');
    });
    await expect(dies).rejects.toThrow('stopped half-way');
    expect(store.leases().map(({ id }) => id)).toEqual([killed.lease.id]);
    const records = await endLeases(lab, async () => {});
    expect(records.map(({ id, outcome }) => [id, outcome])).toEqual([[killed.lease.id, 'ended']]);
    expect(store.history().find(({ id }) => id === poisoned.lease.id)).toMatchObject({ outcome: 'healed' });
    expect(await switchedOff()).toBe(true);
    for (const healer of healers) expect(healer === undefined || (await isAlive(healer))).toBe(false);
    expect(await stateOf('redis')).toBe('dead');
    await lab.stack.start('redis', AbortSignal.timeout(40_000));
  });

  test('is given up, with nothing broken, while another labctl is at work on the stack', async () => {
    const before = await processOf('redis');
    const held = await lockProcess({ file: layoutOf(lab.config.stateDir).lockFile, timeoutMs: 10_000 });
    onTestFinished(() => held.release());
    const late = injectFault(stop.of({ node: 'redis' }), lab, { ...command, forMs: 60_000, breakMs: 2_000 });
    await expect(late).rejects.toThrow(RefusedError);
    held.release();
    expect(store.leases()).toEqual([]);
    expect(await processOf('redis')).toMatchObject(before ?? {});
  });

  test('is refused, with nothing broken, for a node that does not run', async () => {
    await lab.stack.stop('redis');
    const refused = injectFault(kill.of({ node: 'redis' }), lab, { ...command, forMs: 60_000 });
    await expect(refused).rejects.toThrow(RefusedError);
    expect(store.leases()).toEqual([]);
    await lab.stack.start('redis', AbortSignal.timeout(40_000));
  });
});

test('the followers of a partition are those that do not lead it', async () => {
  const topic = scopeOf(scope).topics.events;
  const reader = new KafkaReader(endpoints.kafka);
  onTestFinished(() => reader.close());
  const leaderId = (await reader.metadata([topic])).topics[0]?.partitions.find(
    ({ partition }) => partition === 3,
  )?.leader;
  const { parameters } = await freezeFollowersOf({ topic, partition: 3 }, lab);
  expect(parameters).toMatchObject({ leader: `kafka-${leaderId}` });
  expect(parameters.frozen).toHaveLength(2);
  expect(parameters.frozen).not.toContain(`kafka-${leaderId}`);
  await expect(freezeFollowersOf({ topic, partition: 77 }, lab)).rejects.toThrow(RefusedError);
});

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { systemClock, waitFor } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { stackHealth } from '../../probes/stack/health.ts';
import { isAlive, run } from '../../process.ts';
import { formCluster } from '../../redis/cluster/form-cluster.ts';
import { labTarget } from '../../target.ts';
import { labEndpoints } from '../endpoints.ts';
import { nodesOfEngine } from '../on-demand.ts';
import { portsFor } from '../ports.ts';
import { type NodeName, type NodeStatus, nodeNames, type StackEvent } from '../stack.ts';
import { engineFolder } from './fetch/engine-cache.ts';
import { engineKeys } from './fetch/engines.ts';
import { layoutOf } from './layout.ts';
import { createNativeStack } from './native-stack.ts';
import { clusterPlaces } from './nodes/redis-cluster-nodes.ts';

/** A stack of its own, of which `up` was never called: what starts on demand needs nothing else. */
const shared = inject('config');
const config: Config = {
  ...shared,
  portOffset: shared.portOffset + 120,
  stateDir: mkdtempSync(join(tmpdir(), 'labctl-on-demand-')),
};
const stack = createNativeStack(config);
const endpoints = labEndpoints(config.portOffset);
const target = labTarget(endpoints, '', stack);
const ports = portsFor(config.portOffset);
const signal = AbortSignal.timeout(170_000);
const members = nodesOfEngine('redis-cluster');

beforeAll(async () => {
  await stack.ensure('prometheus', () => {}, signal);
  await stack.ensure('redis-cluster', () => {}, signal);
});
afterAll(async () => {
  await target.close();
  await stack.down({ wipe: true }, () => {});
  rmSync(config.stateDir, { recursive: true });
});

test('six processes are one cluster that serves, as redis-cli sees it', async () => {
  await expectWhole();
  expect(await redisCli(6, '-c', 'set', 'greeting', 'hello')).toBe('OK');
  expect(await redisCli(1, '-c', 'get', 'greeting')).toBe('hello');
});

test('status lists them behind the others, of which none runs; the probe of engines asks each one', async () => {
  const nodes = await stack.status();
  expect(nodes.map(({ node }) => node)).toEqual([...nodeNames, ...members, 'prometheus']);
  for (const { node, state, usage, version } of nodes.slice(nodeNames.length)) {
    expect([node, state]).toEqual([node, 'running']);
    expect(usage?.rssBytes).toBeGreaterThan(3e6);
    expect(version).toMatch(/^\d+\.\d+/);
  }
  expect(nodes.slice(0, nodeNames.length).every(({ state }) => state === 'stopped')).toBe(true);
  await waitUntilServing([...members, 'prometheus']);
});

test('what runs is left alone; two at once both come back', async () => {
  const before = pidsOf(await stack.status());
  const events = await Promise.all([ensureCluster(), ensureCluster()]);
  expect(events.flatMap(startedIn)).toEqual([]);
  expect(pidsOf(await stack.status())).toEqual(before);
});

test('Prometheus answers its API and scrapes itself', async () => {
  const answer = z.object({
    data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
  });
  const up = async (): Promise<string | undefined> => {
    const url = `${endpoints.prometheus}/api/v1/query?query=${encodeURIComponent('up{job="prometheus"}')}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    return answer.parse(await response.json()).data.result[0]?.value[1];
  };
  // It looks for its targets 5 s after its start.
  expect(await waitFor('a first scrape', up, { timeoutMs: 30_000, intervalMs: 200 })).toBe('1');
});

test('a killed master is replaced by its replica; ensure brings it back as a replica, and nothing is lost', async () => {
  expect(await masters()).toEqual([1, 2, 3]);
  const key = await keyOn(1);
  expect(await redisCli(1, 'set', key, 'kept')).toBe('OK');
  expect(await redisCli(1, 'wait', '1', '5000')).toBe('1');
  await stack.kill('redis-cluster-1');
  expect((await statusOf('redis-cluster-1')).state).toBe('dead');
  await waitFor('an election', async () => (await redisCli(2, '-c', 'get', key)) === 'kept', { timeoutMs: 30_000 });
  expect(startedIn(await ensureCluster())).toEqual(['redis-cluster-1']);
  expect((await redisCli(1, 'role')).split('\n').slice(0, 4)).toEqual([
    'slave',
    '127.0.0.1',
    expect.any(String),
    'connected',
  ]);
  expect(await redisCli(1, '-c', 'get', key)).toBe('kept');
  await expectWhole();
});

test('a node is stopped and started by its name, and rejoins by itself', async () => {
  await stack.stop('redis-cluster-2');
  expect((await statusOf('redis-cluster-2')).state).toBe('stopped');
  await stack.start('redis-cluster-2', signal);
  await waitUntilServing([...members, 'prometheus']);
});

test('a frozen node is named, not waited for', async () => {
  await stack.pause('redis-cluster-3');
  expect((await statusOf('redis-cluster-3')).state).toBe('paused');
  await waitUntilServing([...members, 'prometheus'].filter((node) => node !== 'redis-cluster-3'));
  await expect(ensureCluster()).rejects.toThrow(/redis-cluster-3/);
  await stack.resume('redis-cluster-3');
  await ensureCluster();
  await expectWhole();
});

test('all six killed come back as one cluster', async () => {
  await Promise.all(members.map((node) => stack.kill(node)));
  expect(startedIn(await ensureCluster()).toSorted()).toEqual([...members]);
  await expectWhole();
});

test('a cluster that somebody was killed over is completed', async () => {
  for (const node of [1, 2, 3, 4, 5, 6]) {
    await redisCli(node, 'flushall');
    await redisCli(node, 'cluster', 'reset', 'hard');
  }
  await redisCli(1, 'cluster', 'addslots', '0', '1', '2');
  await redisCli(
    1,
    'cluster',
    'meet',
    '127.0.0.1',
    String(ports['redis-cluster-2']),
    String(ports['redis-cluster-2-bus']),
  );
  await ensureCluster();
  await expectWhole();
});

test('a master that comes back without its nodes.conf finds its place again', async () => {
  const [lost = 0] = await masters();
  const node = nodeNumber(lost);
  await stack.kill(node);
  rmSync(layoutOf(config.stateDir).dataDir(node), { recursive: true });
  await ensureCluster();
  await expectWhole();
});

test('what no step repairs is emptied and made anew, and that is said', async () => {
  const [master = 0] = await masters();
  const slot = await redisCli(master, 'cluster', 'keyslot', await keyOn(master));
  expect(await redisCli(master, 'cluster', 'delslots', slot)).toBe('OK');
  let resets = 0;
  await formCluster(clusterPlaces(ports), { signal, settleTimeoutMs: 8_000, onReset: () => resets++ });
  expect(resets).toBe(1);
  await expectWhole();
});

test('down ends every process and wipes their data', async () => {
  const processes = (await stack.status()).flatMap(({ process }) => process ?? []);
  expect(processes).toHaveLength(7);
  await stack.down({ wipe: true }, () => {});
  expect(await Promise.all(processes.map(isAlive))).not.toContain(true);
  expect((await stack.status()).map(({ node }) => node)).toEqual([...nodeNames]);
  expect(existsSync(layoutOf(config.stateDir).dataDir('redis-cluster-1'))).toBe(false);
});

const nodeNumber = (number: number): NodeName => members[number - 1] ?? 'redis-cluster-1';

/** The distribution's own client, not ours. @returns what it printed. */
async function redisCli(node: number, ...args: readonly string[]): Promise<string> {
  const program = join(engineFolder(config.cacheDir, engineKeys.redis), 'run', 'exec');
  const port = String(stack.endpoint(nodeNumber(node)).port);
  const { stdout } = await run(program, ['redis-cli', '-p', port, ...args], { timeoutMs: 20_000, signal });
  return stdout.trim();
}

async function expectWhole(): Promise<void> {
  for (const node of [1, 2, 3, 4, 5, 6]) {
    const info = await redisCli(node, 'cluster', 'info');
    expect(info).toMatch(/cluster_state:ok/);
    expect(info).toMatch(/cluster_slots_ok:16384/);
    expect(info).toMatch(/cluster_known_nodes:6/);
    expect(info).toMatch(/cluster_size:3/);
  }
  // To the others a replica is "loading" until they heard of a first byte that it got.
  await waitFor(
    'three shards, all of whose nodes are online',
    async () => {
      const shards = (await redisCli(5, 'cluster', 'shards')).split('\n');
      const counts = ['master', 'replica', 'online'].map((word) => shards.filter((line) => line === word).length);
      return counts.join() === '3,3,6';
    },
    { timeoutMs: 20_000, intervalMs: 200 },
  );
}

async function masters(): Promise<readonly number[]> {
  const roles = await Promise.all(members.map((_, index) => redisCli(index + 1, 'role')));
  return roles.flatMap((role, index) => (role.startsWith('master') ? [index + 1] : []));
}

/** A key, of value 1, whose slot this master serves: the others answer MOVED. */
async function keyOn(master: number): Promise<string> {
  for (let n = 0; n < 100; n++) if ((await redisCli(master, 'set', `key-${n}`, '1')) === 'OK') return `key-${n}`;
  throw new Error(`node ${master} serves none of 100 keys`);
}

async function ensureCluster(): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = [];
  await stack.ensure('redis-cluster', (event) => events.push(event), signal);
  return events;
}

/** As the probe of engines has it; its clients take a moment to connect again to a node that was gone. */
async function waitUntilServing(names: readonly string[]): Promise<void> {
  const serving = async (): Promise<boolean> => {
    const { engines } = await stackHealth.read(target, { signal, previous: undefined, nowMs: systemClock.now() });
    return engines.flatMap(({ answer, name }) => (answer.serves === true ? [name] : [])).join() === names.join();
  };
  await waitFor(`${names.join(', ')} to serve, and no other`, serving, { timeoutMs: 20_000, intervalMs: 200 });
}

async function statusOf(name: NodeName): Promise<NodeStatus> {
  const found = (await stack.status()).find(({ node }) => node === name);
  if (found === undefined) throw new Error(`status lacks ${name}`);
  return found;
}

function pidsOf(nodes: readonly NodeStatus[]): readonly (number | undefined)[] {
  return nodes.map(({ process }) => process?.pid);
}

function startedIn(events: readonly StackEvent[]): readonly NodeName[] {
  return events.flatMap((event) => (event.kind === 'node' && event.phase === 'starting' ? [event.node] : []));
}

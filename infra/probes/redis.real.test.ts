import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { hotKeys } from '../diagnoses/hot-keys.ts';
import { redis as redisDiagnosis } from '../diagnoses/redis.ts';
import { diagnose } from '../diagnoses/run.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { run } from '../process.ts';
import { slotOf } from '../redis/slot.ts';
import { createNativeStack } from '../stack/native/native-stack.ts';
import { writeShims } from '../stack/native/shims.ts';
import { nodesOfEngine } from '../stack/on-demand.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import type { Probe, Subject } from './probe.ts';
import type { Reading } from './reading.ts';
import { redisCluster } from './redis-cluster.ts';
import { redisHotKeys } from './redis-hot-keys.ts';
import { redisNodes } from './redis-nodes.ts';
import { readOnce } from './sampler.ts';

vi.setConfig({ testTimeout: 120_000 });

/** One cluster for all of it: starting it takes seconds. */
const config = inject('config');
const endpoints = inject('endpoints');
const stack = createNativeStack(config);
const target = labTarget(endpoints, 'redis_probes', stack);
const nodes = (endpoints.redisCluster ?? []).map(
  ({ host, port }) => new Redis({ host, port, lazyConnect: true, retryStrategy: () => 100 }),
);
const [first] = nodes;
let tools = '';

beforeAll(async () => {
  await stack.ensure('redis-cluster', () => {}, AbortSignal.timeout(100_000));
  tools = await writeShims(config);
  await Promise.all(nodes.map((node) => node.connect()));
});
afterAll(async () => {
  for (const node of nodes) node.disconnect();
  await target.close();
  if (process.env.LABCTL_KEEP_TEST_STACK === '1') return;
  for (const node of nodesOfEngine('redis-cluster')) await stack.stop(node);
});

async function read<T>(probe: Probe<T>, of: LabTarget = target, before?: Reading<T>, subject?: Subject) {
  const reading = await readOnce({ probe, target: of, before, subject });
  if (reading.status !== 'ok') throw new Error(`${probe.id} is unknown: ${reading.reason}`);
  return reading;
}

async function shown<T>(
  probe: Probe<T>,
  value: T,
  { subject = {}, of = target }: { subject?: Subject; of?: LabTarget } = {},
): Promise<readonly string[]> {
  const outputs: string[] = [];
  for (const { command } of probe.verifyWith(of, { value, subject })) {
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
    const result = await run('sh', ['-c', command], { timeoutMs: 60_000, env });
    expect(result.problem, `${command}\n${result.stderr}`).toBeUndefined();
    outputs.push(result.stdout);
  }
  return outputs;
}

/** Masters by the slots that they serve, each with a client of its own. */
async function masters() {
  const { value } = await read(redisCluster);
  if (!value.cluster.known) throw new Error(value.cluster.reason);
  return value.cluster.value.nodes
    .filter(({ slots }) => slots > 0)
    .map((node) => ({ ...node, client: nodes.find(({ options }) => node.address.endsWith(`:${options.port}`)) }));
}

/** GETs in rounds of 100, each to the master of its key. */
async function load(keys: readonly string[], signal: AbortSignal): Promise<void> {
  const places = (await masters()).map(({ ranges, client }) => {
    const [from = 0, to = 0] = ranges.split('-').map(Number);
    const own = keys.filter((key) => slotOf(key) >= from && slotOf(key) <= to);
    return { own, client };
  });
  while (!signal.aborted) {
    for (const { own, client } of places) {
      const pipeline = client?.pipeline();
      for (const key of own) pipeline?.get(key);
      await pipeline?.exec();
    }
    await systemClock.sleep(50);
  }
}

const uniform = Array.from({ length: 200 }, (_, n) => `balance:${n}`);
const withHotKey = uniform.map((key, n) => (n % 10 < 3 ? 'balance:{HOT}' : key));

/** @returns what `look` returns while the load runs. */
async function under<T>(keys: readonly string[], look: () => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const loading = load(keys, stop.signal);
  try {
    await systemClock.sleep(300);
    return await look();
  } finally {
    stop.abort();
    await loading;
  }
}

/** A target whose cache is the cluster, with what a client counted: 3 of 10 accesses are of one key. */
async function clusterTarget(hot: boolean): Promise<LabTarget> {
  const scope = await freshScope(endpoints);
  const of = labTarget(endpoints, scope.name, stack);
  onTestFinished(() => of.close());
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  const keys = hot
    ? [
        ['balance:{HOT}', 3_000],
        ['balance:1', 35],
      ]
    : uniform.slice(0, 10).map((key) => [key, 50]);
  const slots = keys.map(([key, count]) => [slotOf(String(key)), count]);
  const topKeys = JSON.stringify({ windowMs: 10_000, total: 10_000, distinct: 200, keys, slots });
  await connection.query(
    `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, top_keys, beat_at)
     VALUES ('reader', 1, 's', '', '{}', '[]', ?, NOW(6) + INTERVAL 60 SECOND)`,
    [topKeys],
  );
  await connection.end();
  const { redis: _, ...others } = endpoints;
  return { ...of, endpoints: others as LabTarget['endpoints'] };
}

test('slots are those of the server, for ten thousand keys and the odd ones', async () => {
  const odd = [
    '',
    '{}',
    '{}a',
    'foo{}{bar}',
    '{a',
    'a}',
    '}{',
    '{{a}}',
    '{{}}',
    'foo{{bar}}zap',
    '{계좌}:1',
    '잔액:1',
    '{a}{b}',
  ];
  const alphabet = 'ab{}:가1';
  const random = Array.from({ length: 10_000 }, () => {
    const bytes = [...randomBytes(1 + ((randomBytes(1)[0] ?? 0) % 12))];
    return bytes.map((byte) => alphabet[byte % alphabet.length]).join('');
  });
  const keys = [...odd, ...random];
  const pipeline = first?.pipeline();
  for (const key of keys) pipeline?.call('CLUSTER', 'KEYSLOT', key);
  const slots = (await pipeline?.exec())?.map(([, slot]) => slot);
  expect(keys.map(slotOf)).toEqual(slots);
});

test('redis.nodes and redis.cluster are what redis-cli shows', async () => {
  const before = await read(redisNodes);
  expect(before.value.nodes).toHaveLength(7);
  const infos = await shown(redisNodes, before.value);
  const after = await read(redisNodes, target, before);
  for (const [index, info] of infos.entries()) {
    const [one, two] = [before.value.nodes[index]?.facts, after.value.nodes[index]?.facts];
    if (!one?.known || !two?.known) throw new Error('a node is unknown');
    expect(/run_id:(\w+)/.exec(info)?.[1]).toBe(one.value.runId);
    expect(/role:(\w+)/.exec(info)?.[1]).toBe(one.value.role === 'replica' ? 'slave' : 'master');
    const pings = Number(/cmdstat_ping:calls=(\d+)/.exec(info)?.[1]);
    expect(pings).toBeGreaterThanOrEqual(one.value.commands.ping?.calls ?? Number.NaN);
    expect(pings).toBeLessThanOrEqual(two.value.commands.ping?.calls ?? 0);
  }
  expect(redisNodes.judge(after.value)).toEqual([]);

  const keys = ['foo{}{bar}', '{a}b', "it's"];
  const cluster = await read(redisCluster, target, undefined, { keys });
  const [list = '', info = '', ...slots] = await shown(redisCluster, cluster.value, { subject: { keys } });
  if (!cluster.value.cluster.known) throw new Error('unknown');
  for (const { id, role, epoch, address } of cluster.value.cluster.value.nodes) {
    const line = list.split('\n').find((one) => one.startsWith(id)) ?? '';
    expect(line).toContain(`${address}@`);
    expect(line).toContain(role === 'master' ? 'master' : 'slave');
    expect(line.split(' ')[6]).toBe(String(epoch));
  }
  expect(info).toContain('cluster_state:ok');
  expect(slots.map(Number)).toEqual(cluster.value.keys?.places.map(({ slot }) => slot));
  expect(redisCluster.judge(cluster.value)).toEqual([]);
});

test('keys in several slots are refused together by the server, and said so before; a hash tag cures it', async () => {
  const ask = (keys: readonly string[]) => diagnose({ diagnosis: redisDiagnosis, target, subject: { keys } });
  const apart = await ask(['balance:1', 'balance:2']);
  expect(apart).toMatchObject({ status: 'finding', findings: [{ key: 'keys.apart', kind: 'cross-slot' }] });
  expect(apart.findings[0]?.evidence.map(({ slot }) => slot)).toEqual([slotOf('balance:1'), slotOf('balance:2')]);
  await expect(first?.mget('balance:1', 'balance:2')).rejects.toThrow('CROSSSLOT');
  expect(await ask(['balance:{1}', 'seq:{1}'])).toMatchObject({ status: 'clean', counts: { keys: 2, nodes: 7 } });
  const before = await read(redisNodes);
  await expect(first?.mget('balance:1', 'balance:2')).rejects.toThrow('CROSSSLOT');
  const after = await read(redisNodes, target, before);
  expect(redisNodes.judge(after.value).map(({ key }) => key)).toEqual([
    expect.stringMatching(/^redis\.errors\..*\.CROSSSLOT$/),
  ]);
});

test('a key with 3 of 10 accesses is hot, and so is its shard; an even load is silent', async () => {
  const owner = (await masters()).find(({ ranges }) => {
    const [from = 0, to = 0] = ranges.split('-').map(Number);
    return slotOf('balance:{HOT}') >= from && slotOf('balance:{HOT}') <= to;
  });
  const hot = await clusterTarget(true);
  const answer = await under(withHotKey, () => diagnose({ diagnosis: hotKeys, target: hot }));
  expect(answer.findings.map(({ kind }) => kind)).toEqual(['hot-key', 'hot-shard']);
  expect(answer.findings[0]?.evidence).toEqual([
    {
      key: 'balance:{HOT}',
      slot: slotOf('balance:{HOT}'),
      hash_tag: 'HOT',
      per_s: 300,
      share_percent: 30,
      node: owner?.address,
    },
  ]);
  expect(answer.findings[1]?.evidence.filter(({ is_hot }) => is_hot).map(({ node }) => node)).toEqual([owner?.address]);

  const even = await clusterTarget(false);
  const [keys, all] = await under(uniform, async () => [
    await diagnose({ diagnosis: hotKeys, target: even }),
    await diagnose({ diagnosis: redisDiagnosis, target }),
  ]);
  expect({ status: keys?.status, findings: keys?.findings }).toEqual({ status: 'clean', findings: [] });
  expect({ status: all?.status, findings: all?.findings }).toEqual({ status: 'clean', findings: [] });
  const value = (await read(redisHotKeys, even)).value;
  const [heartbeats = '', ...stats] = await shown(redisHotKeys, value, { of: even });
  expect(value.clients.known && value.clients.value.keys[0]?.share).toBe(0.005);
  const counted = JSON.parse(heartbeats.trim().split('\t').at(-1) ?? '');
  expect(value.clients.known && value.clients.value.keys.map(({ key, perSecond }) => [key, perSecond * 10])).toEqual(
    counted.keys,
  );
  // Each master served GETs.
  expect(stats.filter((one) => one.includes('cmdstat_get:calls=')).length).toBeGreaterThanOrEqual(3);
});

test('a failover is seen as an event, with who took over from whom', async () => {
  const before = await read(redisCluster);
  const [lost] = await masters();
  if (!before.value.cluster.known || lost === undefined) throw new Error('unknown');
  const heir = before.value.cluster.value.nodes.find(({ masterId }) => masterId === lost.id);
  const client = nodes.find(({ options }) => heir?.address.endsWith(`:${options.port}`));
  await client?.call('CLUSTER', 'FAILOVER');
  const after = await waitFor(
    'the failover',
    async () => {
      const reading = await read(redisCluster, target, before);
      const { cluster } = reading.value;
      return cluster.known && cluster.value.failovers.length > 0 ? { reading, facts: cluster.value } : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(after.facts.failovers).toMatchObject([{ from: lost.address, to: heir?.address, slots: lost.slots }]);
  expect(redisCluster.judge(after.reading.value).map(({ key }) => key)).toContainEqual(
    expect.stringMatching(/^cluster\.failover\./),
  );
  // It stays in the value, and happens once.
  const later = await read(redisCluster, target, after.reading);
  expect(later.value.cluster.known && later.value.cluster.value.failovers).toHaveLength(1);
});

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { waitFor } from '../../clock.ts';
import { run } from '../../process.ts';
import { slotOf } from '../../redis/slot.ts';
import { writeShims } from '../../stack/native/shims.ts';
import type { LabTarget } from '../../target.ts';
import { type TestCluster, testCluster } from '../../testing/test-cluster.ts';
import type { Probe, Subject } from '../probe.ts';
import type { Reading } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { redisCluster } from './cluster.ts';
import { redisNodes } from './nodes.ts';

vi.setConfig({ testTimeout: 120_000 });

/** One cluster for all of it: starting it takes seconds. */
const config = inject('config');
let cluster: TestCluster;
let target: LabTarget;
let nodes: TestCluster['nodes'];
let first: TestCluster['nodes'][number] | undefined;
let tools = '';

beforeAll(async () => {
  cluster = await testCluster('redis_probes');
  ({ target, nodes } = cluster);
  [first] = nodes;
  tools = await writeShims(config);
});
afterAll(() => cluster.close());

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

test('commands that the server refused because of their slots are counted', async () => {
  const before = await read(redisNodes);
  await expect(first?.mget('balance:1', 'balance:2')).rejects.toThrow('CROSSSLOT');
  const after = await read(redisNodes, target, before);
  expect(redisNodes.judge(after.value).map(({ key }) => key)).toEqual([
    expect.stringMatching(/^redis\.errors\..*\.CROSSSLOT$/),
  ]);
});

test('a failover is seen as an event, with who took over from whom', async () => {
  const before = await read(redisCluster);
  const [lost] = await cluster.masters();
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

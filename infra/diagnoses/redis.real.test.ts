import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { waitFor } from '../clock.ts';
import { slotOf } from '../redis/slot.ts';
import { nodesOfEngine } from '../stack/on-demand.ts';
import type { NodeName } from '../stack/stack.ts';
import { type TestCluster, type TestMaster, testCluster } from '../testing/test-cluster.ts';
import { redis } from './redis.ts';
import { type Diagnosed, diagnose } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await testCluster('redis_diagnosis');
});
afterAll(() => cluster.close());

const ask = (keys?: readonly string[]): Promise<Diagnosed> =>
  diagnose({ diagnosis: redis, target: cluster.target, subject: keys === undefined ? {} : { keys } });
const keysOf = ({ findings }: Diagnosed): readonly string[] => findings.map(({ key }) => key).sort();
const dashed = (address: string): string => address.replaceAll('.', '-');

async function twoMasters(): Promise<readonly [TestMaster, TestMaster]> {
  const [one, other] = await cluster.masters();
  if (one === undefined || other === undefined) throw new Error('there are too few masters');
  return [one, other];
}

/** Nothing stays behind: who follows has a whole cluster. */
async function becomesClean(): Promise<void> {
  await waitFor('the cluster to be well', async () => (await ask()).status === 'clean', { timeoutMs: 60_000 });
}

test('a whole cluster is clean, with nobody on it and under an even load', async () => {
  await becomesClean();
  const uniform = Array.from({ length: 200 }, (_, n) => `balance:${n}`);
  const busy = await cluster.under(uniform, ask);
  expect(busy).toMatchObject({
    status: 'clean',
    findings: [],
    counts: { nodes: 7, checked: 7, slotsAssigned: 16_384 },
  });
});

test('keys in several slots are refused together by the server, and said so before; a hash tag cures it', async () => {
  const apart = await ask(['balance:1', 'balance:2']);
  expect(apart).toMatchObject({ status: 'finding', findings: [{ key: 'keys.apart', kind: 'cross-slot' }] });
  expect(apart.findings[0]?.evidence.map(({ slot }) => slot)).toEqual([slotOf('balance:1'), slotOf('balance:2')]);
  await expect(cluster.nodes[0]?.mget('balance:1', 'balance:2')).rejects.toThrow('CROSSSLOT');
  expect(await ask(['balance:{1}', 'seq:{1}'])).toMatchObject({ status: 'clean', counts: { keys: 2, nodes: 7 } });
});

test('a resharding that only one side knows of; keys of that slot may fail together', async () => {
  const [from, to] = await twoMasters();
  const key = Array.from({ length: 1_000 }, (_, n) => `{balance:${n}}`).find(from.serves) ?? '';
  const slot = slotOf(key);
  onTestFinished(becomesClean);
  onTestFinished(async () => void (await from.client.call('CLUSTER', 'SETSLOT', slot, 'STABLE')));
  await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
  const found = await ask();
  expect(keysOf(found)).toEqual([`cluster.move.${slot}`]);
  expect(found.findings[0]?.text.en).toContain(`slot ${slot} is moving from ${from.address} to ${to.address}`);
  expect(keysOf(await ask([`${key}:a`, `${key}:b`]))).toEqual([`cluster.move.${slot}`, 'keys.moving']);
});

test('a node that is nearly full and may evict nothing is named, and no other', async () => {
  const [, full] = await twoMasters();
  const used = Number(/^used_memory:(\d+)/m.exec(await full.client.info('memory'))?.[1]);
  const [, max = '0'] = (await full.client.config('GET', 'maxmemory')) as string[];
  const [, policy = ''] = (await full.client.config('GET', 'maxmemory-policy')) as string[];
  onTestFinished(becomesClean);
  onTestFinished(async () => {
    await full.client.config('SET', 'maxmemory', max);
    await full.client.config('SET', 'maxmemory-policy', policy);
  });
  await full.client.config('SET', 'maxmemory-policy', 'noeviction');
  await full.client.config('SET', 'maxmemory', String(Math.round(used / 0.98)));
  const found = await ask();
  expect(keysOf(found)).toEqual([`redis.memory.${dashed(full.address)}`]);
  expect(found.findings[0]?.evidence).toMatchObject([{ node: full.address, role: 'master' }]);
});

test('a slot that nobody serves, as every node comes to know', async () => {
  const [owner] = await twoMasters();
  const slot = slotOf(Array.from({ length: 1_000 }, (_, n) => `k${n}`).find(owner.serves) ?? '');
  onTestFinished(becomesClean);
  onTestFinished(async () => void (await owner.client.call('CLUSTER', 'ADDSLOTS', slot)));
  for (const node of cluster.nodes) await node.call('CLUSTER', 'DELSLOTS', slot).catch(() => {}); // a replica may not
  const found = await waitFor(
    'the cluster to refuse commands',
    async () => {
      const answer = await ask();
      return keysOf(answer).includes('cluster.state') && answer;
    },
    { timeoutMs: 30_000 },
  );
  expect(keysOf(found)).toEqual(['cluster.state', 'cluster.uncovered']);
  expect(found.counts).toMatchObject({ slotsUncovered: 1 });
});

test('a replica that died: it is named, and the master that is alone now', async () => {
  const { nodes } = await cluster.facts();
  const replica = nodes.find(({ role }) => role === 'replica');
  const master = nodes.find(({ id }) => id === replica?.masterId);
  if (replica === undefined || master === undefined) throw new Error('no replica has a master');
  const name = nodeAt(replica.address);
  onTestFinished(becomesClean);
  onTestFinished(() => cluster.stack.start(name, AbortSignal.timeout(30_000)));
  await cluster.stack.kill(name);
  const expected = [`cluster.lone.${dashed(master.address)}`, `cluster.node.${dashed(replica.address)}`];
  const found = await waitFor(
    'the others to agree',
    async () => {
      const answer = await ask();
      return keysOf(answer).join() === expected.join() && answer;
    },
    { timeoutMs: 30_000 },
  );
  expect(found.explanation.en).toContain(replica.address); // it could not be read, and that is said
});

function nodeAt(address: string): NodeName {
  const name = nodesOfEngine('redis-cluster').find((node) => {
    const { host, port } = cluster.stack.endpoint(node);
    return `${host}:${port}` === address;
  });
  if (name === undefined) throw new Error(`no node is at ${address}`);
  return name;
}

import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { mysqlConnection } from '../mysql/pool.ts';
import { redisHotKeys } from '../probes/redis/hot-keys.ts';
import { readOnce } from '../probes/sampler.ts';
import { run } from '../process.ts';
import { slotOf } from '../redis/slot.ts';
import { writeShims } from '../stack/native/shims.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { type TestCluster, type TestMaster, testCluster } from '../testing/test-cluster.ts';
import { hotKeys } from './hot-keys.ts';
import { type Diagnosed, diagnose } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

const endpoints = inject('endpoints');
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await testCluster('hot_keys');
});
afterAll(() => cluster.close());

const uniform = Array.from({ length: 200 }, (_, n) => `balance:${n}`);
/** Keys with how often each was asked for in ten seconds. */
type Counted = readonly (readonly [key: string, times: number])[];
const even: Counted = uniform.slice(0, 10).map((key) => [key, 50]);

/** A target whose cache is the cluster, with what clients of it have counted, ten thousand accesses each. */
async function countedBy(...clients: readonly Counted[]): Promise<LabTarget> {
  const scope = await freshScope(endpoints);
  const of = labTarget(endpoints, scope.name, cluster.stack);
  onTestFinished(() => of.close());
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  for (const [n, keys] of clients.entries()) {
    const slots = keys.map(([key, times]) => [slotOf(key), times]);
    const topKeys = JSON.stringify({ windowMs: 10_000, total: 10_000, distinct: 200, keys, slots });
    await connection.query(
      `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, top_keys, beat_at)
       VALUES (?, ?, 's', '', '{}', '[]', ?, NOW(6) + INTERVAL 60 SECOND)`,
      [`reader-${n}`, n, topKeys],
    );
  }
  await connection.end();
  const { redis: _, ...others } = endpoints;
  return { ...of, endpoints: others as LabTarget['endpoints'] };
}

const ask = (target: LabTarget): Promise<Diagnosed> => diagnose({ diagnosis: hotKeys, target });

async function ownerOf(key: string): Promise<TestMaster> {
  const owner = (await cluster.masters()).find(({ serves }) => serves(key));
  if (owner === undefined) throw new Error(`nobody serves ${key}`);
  return owner;
}

test('a key with 3 of 10 accesses is hot, and so is its shard: moving slots does not help', async () => {
  const target = await countedBy([
    ['balance:{HOT}', 3_000],
    ['balance:1', 35],
  ]);
  const owner = await ownerOf('balance:{HOT}');
  const withHotKey = uniform.map((key, n) => (n % 10 < 3 ? 'balance:{HOT}' : key));
  const answer = await cluster.under(withHotKey, () => ask(target));
  expect(answer.findings.map(({ kind }) => kind)).toEqual(['hot-key', 'hot-shard']);
  expect(answer.findings[0]?.evidence).toEqual([
    {
      key: 'balance:{HOT}',
      slot: slotOf('balance:{HOT}'),
      hash_tag: 'HOT',
      per_s: 300,
      share_percent: 30,
      node: owner.address,
    },
  ]);
  expect(answer.findings[1]?.evidence.filter(({ is_hot }) => is_hot).map(({ node }) => node)).toEqual([owner.address]);
});

test('two keys, of which no client alone has enough, are hot when all clients are counted', async () => {
  const target = await countedBy(
    [
      ['balance:{A}', 2_500],
      ['balance:{B}', 2_000],
      ['balance:1', 40],
    ],
    [
      ['balance:{B}', 2_600],
      ['balance:{A}', 1_700],
    ],
  );
  const answer = await ask(target);
  expect(answer.findings.map(({ key, evidence }) => [key, evidence[0]?.per_s, evidence[0]?.share_percent])).toEqual([
    ['hot-key.balance:{B}', 460, 23],
    ['hot-key.balance:{A}', 420, 21],
  ]);
});

test('a shard that is hot by many keys, none of them hot: some of its slots can move', async () => {
  const target = await countedBy(even);
  const owner = await ownerOf('balance:1');
  const own = Array.from({ length: 2_000 }, (_, n) => `balance:${n}`).filter(owner.serves);
  const answer = await cluster.under([...own.slice(0, 150), ...uniform], () => ask(target));
  expect(answer.findings.map(({ kind }) => kind)).toEqual(['hot-shard']);
  expect(answer.findings[0]?.evidence.filter(({ is_hot }) => is_hot).map(({ node }) => node)).toEqual([owner.address]);
  expect(answer.findings[0]?.text.en).toContain('it is many slots: move some to another master');
});

test('an even load is clean, and what is shown of it is what MySQL and the servers say themselves', async () => {
  const target = await countedBy(even);
  const answer = await cluster.under(uniform, () => ask(target));
  expect({ status: answer.status, findings: answer.findings }).toEqual({ status: 'clean', findings: [] });
  const reading = await readOnce({ probe: redisHotKeys, target, before: undefined });
  if (reading.status !== 'ok' || !reading.value.clients.known) throw new Error('unknown');
  const { keys } = reading.value.clients.value;
  expect(keys[0]?.share).toBe(0.005);
  const env = { ...process.env, PATH: `${await writeShims(inject('config'))}:${process.env.PATH}` };
  const shown: string[] = [];
  for (const { command } of redisHotKeys.verifyWith(target, { value: reading.value })) {
    const { stdout, problem } = await run('sh', ['-c', command], { timeoutMs: 60_000, env });
    expect(problem, command).toBeUndefined();
    shown.push(stdout);
  }
  const [heartbeats = '', ...stats] = shown;
  const counted = JSON.parse(heartbeats.trim().split('\t').at(-1) ?? '');
  expect(keys.map(({ key, perSecond }) => [key, perSecond * 10])).toEqual(counted.keys);
  // Each master served GETs.
  expect(stats.filter((one) => one.includes('cmdstat_get:calls=')).length).toBeGreaterThanOrEqual(3);
});

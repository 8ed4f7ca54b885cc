import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { CacheRole } from '../contract/role-map.ts';
import { type Scope, scopeOf } from '../contract/scope.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type Connection, mysqlConnection } from '../mysql/pool.ts';
import { cacheHitRatio } from '../probes/cache/hit-ratio.ts';
import { cacheStaleness } from '../probes/cache/staleness.ts';
import { readOnce } from '../probes/sampler.ts';
import { run } from '../process.ts';
import { invalidate, refill } from '../redis/cache.ts';
import { prepareScope } from '../scope/prepare.ts';
import { removeScope } from '../scope/remove.ts';
import { writeShims } from '../stack/native/shims.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { commitOffsets } from '../testing/commit-offsets.ts';
import { cache } from './cache.ts';
import { diagnose } from './run.ts';

/** One scope for all plantings: each test begins with empty tables and without keys. */
const endpoints = inject('endpoints');
const scope: Scope = scopeOf(`test_cache_${process.pid}`);
const target: LabTarget = labTarget(endpoints, scope.name);
const redis = new Redis({ ...endpoints.redis, lazyConnect: true });
const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: 'test.cache' });
let sql: Connection;
let tools = '';

beforeAll(async () => {
  await prepareScope(endpoints, scope);
  sql = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  await redis.connect();
  tools = await writeShims(inject('config'));
  await commit(100);
});
afterAll(async () => {
  await emptied();
  await target.close();
  redis.disconnect();
  await sql.end();
  await removeScope(endpoints, scope);
});

/** As if the invalidator had done all of partition 0 below this offset. */
async function commit(offset: number): Promise<void> {
  const of = { groupId: scope.groups.invalidator, topic: scope.topics.events };
  await commitOffsets(kafka, of, [{ partition: 0, offset: String(offset) }]);
}

async function emptied(): Promise<void> {
  for (const table of ['account', 'ledger_entry', 'outbox_event']) await sql.query(`DELETE FROM ${table}`);
  const keys = await redis.keys(scope.cacheKey('*'));
  if (keys.length > 0) await redis.del(...keys);
}

/** Accounts at sequence number 5 with a balance of 500. */
async function accounts(first: number, last: number): Promise<void> {
  const ids = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  await sql.query('INSERT INTO account (account_id, balance, account_seq) VALUES ?', [ids.map((id) => [id, 500, 5])]);
}

/** The ledger's leg and its event. */
async function event(
  account: number,
  seq: number,
  { status = 'SENT', offset = null }: { status?: string; offset?: number | null },
): Promise<void> {
  const tx = `t${account}-${seq}`;
  await sql.query('INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta) VALUES (?, ?, ?, 100)', [
    tx,
    account,
    seq,
  ]);
  await sql.query(
    `INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload, status, sent_partition, sent_offset)
     VALUES (UUID(), ?, 'BalanceChanged', ?, '{}', ?, ?, ?)`,
    [`${tx}:${account}`, account, status, offset === null ? null : 0, offset],
  );
}

const put = (account: number, value: string, ttlMs = 30_000 + account * 400) =>
  redis.set(scope.cacheKey(String(account)), value, 'PX', ttlMs);

const ask = (subject = {}, of: LabTarget = target) => diagnose({ diagnosis: cache, target: of, subject });

/** Every way of being wrong beside every way of being fine. */
async function planted(): Promise<void> {
  await emptied();
  await accounts(1, 13);
  await put(1, 'E:5:500');
  await put(2, 'E:3:300');
  await event(2, 4, { offset: 10 });
  await event(2, 5, { offset: 150 });
  await put(3, 'E:4:400');
  await event(3, 5, { offset: 150 });
  await put(4, 'T:5');
  await put(5, 'E:5:499');
  await put(6, 'E:5:\u001b[31mfive hundred');
  await redis.set(scope.cacheKey('7'), 'E:5:500');
  await put(8, 'E:4:400');
  await event(8, 5, { status: 'PENDING' });
  await put(9, 'E:4:400');
  await event(9, 5, { status: 'DEAD' });
  await put(10, 'E:2:200');
  await put(11, 'E:9:900');
  await redis.rpush(scope.cacheKey('12'), 'x'.repeat(100_000));
  await redis.pexpire(scope.cacheKey('12'), 60_000);
}

test('what was planted is found, exactly, each with its cause; what is on its way is not', async () => {
  await planted();
  const answer = await ask();
  expect(answer.reason).toBeUndefined();
  expect(answer.findings.map(({ key }) => key).sort()).toEqual([
    'cache.ahead.11',
    'cache.no-ttl',
    'cache.stale.2',
    'cache.stale.9',
    'cache.undecodable.12',
    'cache.undecodable.6',
    'cache.wrong-balance.5',
  ]);
  expect(answer.status).toBe('finding');
  expect(answer.counts).toMatchObject({ checked: 13, fresh: 2, tombstones: 1, absent: 1, pending: 2, unverified: 1 });
  const stale = answer.findings.find(({ key }) => key === 'cache.stale.2');
  expect(stale).toMatchObject({
    trace: 't2-4:2',
    evidence: [
      {
        key: scope.cacheKey('2'),
        cached: 'E:3:300',
        database_seq: '5',
        database_balance: '500',
        invalidation: 'consumed',
        partition: 0,
        offset: '10',
        committed: '100',
      },
    ],
  });
  expect(answer.findings.find(({ key }) => key === 'cache.no-ttl')?.evidence).toEqual([
    { key: scope.cacheKey('7'), ttl_ms: -1 },
  ]);
  expect(JSON.stringify(answer)).not.toContain('\\u001b');
});

test('one account, one key; an entry without an account; a key of somebody else', async () => {
  await planted();
  await put(77, 'E:1:1');
  expect((await ask({ accountId: 2n })).findings.map(({ key }) => key)).toEqual(['cache.stale.2']);
  const keys = [scope.cacheKey('1'), scope.cacheKey('77')];
  expect((await ask({ keys })).findings.map(({ key }) => key)).toEqual(['cache.orphan.77']);
  expect(await ask({ accountId: 3n })).toMatchObject({ status: 'clean', counts: { pending: 1, checked: 1 } });
  expect(await ask({ accountId: 10n })).toMatchObject({ status: 'unknown', counts: { unverified: 1 } });
  expect(await ask({ keys: ['session:1'] })).toMatchObject({
    status: 'unknown',
    reason: expect.stringContaining('no key'),
  });
});

test('what native commands show is what the probe read', async () => {
  await planted();
  const subject = { accountId: 2n };
  const reading = await readOnce({ probe: cacheStaleness, target, subject, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  const outputs: string[] = [];
  for (const { command } of cacheStaleness.verifyWith(target, { subject, value: reading.value })) {
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
    const result = await run('sh', ['-c', command], { timeoutMs: 60_000, env });
    expect(result.problem, command).toBeUndefined();
    outputs.push(result.stdout.trim());
  }
  const [entry] = reading.value.entries;
  expect(outputs[0]?.split('\n').at(-1)).toBe(`${entry?.row?.balance}\t${entry?.row?.seq}`);
  expect(outputs[1]).toBe(entry?.cached);
  const left = Number(outputs[2]);
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(entry?.ttlMs ?? 0);
});

test('an old entry of which nothing tells is found once it has lasted', async () => {
  await planted();
  const subject = { accountId: 10n };
  const first = await readOnce({ probe: cacheStaleness, target, subject, before: undefined });
  if (first.status !== 'ok') throw new Error(first.reason);
  expect(cacheStaleness.judge(first.value)).toEqual([]);
  const entries = first.value.entries.map((entry) => ({ ...entry, sinceMs: entry.sinceMs - 11_000 }));
  const before = { ...first, value: { ...first.value, entries } };
  const later = await readOnce({ probe: cacheStaleness, target, subject, before });
  expect(later.status === 'ok' && cacheStaleness.judge(later.value).map(({ key }) => key)).toEqual(['cache.stale.10']);
});

test('a cache of bare balances, by the event of the last change', async () => {
  await emptied();
  await accounts(1, 4);
  await put(1, '500');
  await put(2, '300');
  await event(2, 5, { offset: 20 });
  await put(3, '300');
  await event(3, 5, { offset: 120 });
  await put(4, '5e2');
  const role: CacheRole = { keyPattern: scope.cacheKey('{account_id}'), format: 'balance' };
  const answer = await ask({}, { ...target, roles: { ...target.roles, cache: role } });
  expect(answer.findings.map(({ key }) => key)).toEqual(['cache.stale.2', 'cache.undecodable.4']);
  expect(answer.counts).toMatchObject({ checked: 4, fresh: 1, pending: 1 });
});

test('entries that were filled together run out together; with jitter they do not', async () => {
  await emptied();
  await accounts(1, 60);
  for (let id = 1; id <= 60; id++) await put(id, 'E:5:500', 60_000);
  expect((await ask()).findings.map(({ key }) => key)).toEqual(['cache.no-jitter']);
  for (let id = 1; id <= 60; id++) await put(id, 'E:5:500', 54_000 + id * 200);
  expect(await ask()).toMatchObject({ status: 'clean', findings: [], counts: { checked: 60, fresh: 60 } });
});

test('what is missing is unknown, never clean and never a finding', async () => {
  await planted();
  const { cache: _, ...without } = target.roles;
  expect(await ask({}, { ...target, roles: without })).toMatchObject({ status: 'unknown', reason: 'not mapped' });
  const dead = labTarget({ ...endpoints, redis: { host: '127.0.0.1', port: 1 } }, scope.name);
  expect(await ask({}, dead)).toMatchObject({ status: 'unknown', reason: expect.stringContaining('ECONNREFUSED') });
  await dead.close();
  const deaf = labTarget({ ...endpoints, kafka: ['127.0.0.1:1'] }, scope.name);
  const answer = await ask({ accountId: 2n }, deaf);
  expect(answer).toMatchObject({ status: 'unknown', findings: [], counts: { unverified: 1 } });
  await deaf.close();
});

test('busy and healthy: entries constantly invalidated and refilled, and nothing is found', async () => {
  await emptied();
  await accounts(1, 40);
  const stop = new AbortController();
  let offset = 200;
  const seqs = new Map<number, number>();
  const transfer = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const account = 1 + (offset % 40);
      const seq = (seqs.get(account) ?? 5) + 1;
      seqs.set(account, seq);
      await sql.beginTransaction();
      await sql.query(
        'UPDATE account SET balance = balance + 100, account_seq = account_seq + 1 WHERE account_id = ?',
        [account],
      );
      await event(account, seq, { offset });
      await sql.commit();
      // The invalidator is a little late, and commits what it has done.
      await systemClock.sleep(5);
      await invalidate(redis, [{ key: scope.cacheKey(String(account)), accountSeq: BigInt(seq) }]);
      offset += 1;
      if (offset % 8 === 0) await commit(offset);
    }
  };
  const reader = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  const read = async (): Promise<void> => {
    for (let n = 0; !stop.signal.aborted; n++) {
      const id = 1 + (n % 40);
      const [rows] = await reader.query('SELECT balance, account_seq FROM account WHERE account_id = ?', [id]);
      const [row] = rows as { balance: string; account_seq: string }[];
      if (row === undefined) continue;
      const entry = { kind: 'entry', accountSeq: BigInt(row.account_seq), balance: BigInt(row.balance) } as const;
      await refill(redis, scope.cacheKey(String(id)), entry, 20_000 + Math.round(Math.random() * 20_000));
      await systemClock.sleep(2);
    }
  };
  const work = Promise.all([transfer(), read()]);
  const answers = [];
  // However slow the machine is: some rounds, with transfers between them.
  while (answers.length < 3 || offset < 210) answers.push(await ask());
  stop.abort();
  await work;
  await reader.end();
  for (const { status, findings, reason } of answers)
    expect({ status, findings, reason }).toEqual({ status: 'clean', findings: [] });
});

test('hits and misses are those that Redis and MySQL count themselves', async () => {
  await planted();
  const first = await readOnce({ probe: cacheHitRatio, target, before: undefined });
  for (let n = 0; n < 30; n++) await redis.get(scope.cacheKey(n % 3 === 0 ? '1' : 'absent'));
  const native: string[] = [];
  for (const { command } of cacheHitRatio.verifyWith(target)) {
    const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
    native.push((await run('sh', ['-c', command], { timeoutMs: 60_000, env })).stdout);
  }
  const second = await readOnce({ probe: cacheHitRatio, target, before: first });
  if (first.status !== 'ok' || second.status !== 'ok') throw new Error('unknown');
  const [before, after] = [first.value.trail.redis[0], second.value.trail.redis[0]];
  const hits = Number(/keyspace_hits:(\d+)/.exec(native[0] ?? '')?.[1]);
  expect(hits - (before?.hits ?? 0)).toBe(10);
  expect(hits).toBe(after?.hits);
  const questions = Number(/Questions\t(\d+)/.exec(native[1] ?? '')?.[1]);
  expect(questions).toBeGreaterThanOrEqual(first.value.trail.status?.questions ?? Number.NaN);
  expect(questions).toBeLessThanOrEqual(second.value.trail.status?.questions ?? 0);
  const { keyspace, readers } = second.value;
  expect(keyspace.known && keyspace.value.hits / (keyspace.value.hits + keyspace.value.misses)).toBeCloseTo(1 / 3, 5);
  expect(readers).toMatchObject({ known: false, reason: 'nobody counts hits' });
});

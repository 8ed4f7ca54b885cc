import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { waitFor } from '../clock.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { diagnoses } from '../diagnoses/index.ts';
import { type Diagnosed, diagnose } from '../diagnoses/run.ts';
import { kafkaClient } from '../kafka/client.ts';
import { checkRows } from '../mysql/check-rows.ts';
import { probesOf } from '../probes/index.ts';
import type { Probe } from '../probes/probe.ts';
import { notMapped, notPermitted, type Reading } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import type { SqlCheck } from '../sql-check.ts';
import { ownTarget, type Target } from '../target.ts';
import { commitOffsets } from '../testing/commit-offsets.ts';
import { type SecondStack, secondStack } from '../testing/second-stack.ts';
import { readTls } from './tls-files.ts';
import { verifyNames } from './verify-names.ts';

vi.setConfig({ testTimeout: 120_000 });

let stack: SecondStack;

beforeAll(async () => {
  stack = await secondStack(inject('endpoints'));
  const { outbox, deadLetters } = stack.roles;
  await stack.admin.query(
    `INSERT INTO \`${outbox?.table}\` (\`${outbox?.dedupKey}\`, \`${outbox?.eventId}\`, \`${outbox?.eventType}\`, account_id,
       payload, \`${outbox?.status}\`, \`${outbox?.createdAt}\`)
     VALUES ('k-1', 'e-1', 'Changed', 7, '{}', 'DEAD', NOW(6) - INTERVAL 9 SECOND), ('k-2', 'e-2', 'Changed', 8, '{}', 'PENDING', NOW(6))`,
  );
  await stack.admin.query(
    `INSERT INTO \`${deadLetters?.table}\` (topic, partition_id, record_offset, \`${deadLetters?.originTopic}\`, \`${deadLetters?.originPartition}\`,
       \`${deadLetters?.originOffset}\`, attempt, \`${deadLetters?.class}\`, rule, \`${deadLetters?.exception}\`, \`${deadLetters?.message}\`,
       \`${deadLetters?.fingerprint}\`, value_bytes, \`${deadLetters?.deadAt}\`)
     VALUES ('t', 0, 1, 'o', 0, 1, 1, 'bug', 'r', 'E', 'm', 'f', 1, NOW(6))`,
  );
  const kafka = kafkaClient({ brokers: inject('endpoints').kafka, clientId: 'second-stack' });
  const producer = kafka.producer();
  await producer.connect();
  const { groupId = '', topic = '' } = stack.roles.groups.projector ?? {};
  await producer.send({ topic, messages: Array.from({ length: 5 }, () => ({ value: 'x', partition: 0 })) });
  await producer.disconnect();
  await commitOffsets(kafka, { groupId, topic }, [{ partition: 0, offset: '2' }]);
});

afterAll(() => stack?.remove());

const noRoles: RoleMap = { database: '', topics: {}, groups: {} };
const check = (id: string, sql: string, change: Partial<SqlCheck> = {}): SqlCheck => ({
  ...{ id, title: id, sql, severity: 'warning', cost: 'slow', everyMs: 5_000, timeoutMs: 2_000 },
  ...change,
});

function opened(given: Partial<Parameters<typeof ownTarget>[0]>): Target {
  const target = ownTarget({ profile: 'second', endpoints: {}, roles: noRoles, checks: [], ...given });
  onTestFinished(() => target.close());
  return target;
}

/** Every probe, one reading each, by id. On a busy machine an engine may be late: that is read again. */
async function readings(target: Target): Promise<ReadonlyMap<string, Reading<unknown>>> {
  const read = new Map<string, Reading<unknown>>();
  const one = async (probe: Probe<unknown>): Promise<void> => {
    const settled = async (): Promise<boolean> => {
      const reading = await readOnce({ probe, target, before: undefined });
      read.set(probe.id, reading);
      return reading.status === 'ok' || isLack(reading.reason);
    };
    await waitFor(probe.id, settled, { timeoutMs: 20_000, intervalMs: 200 });
  };
  await Promise.all(probesOf(target).map(one));
  return read;
}

/** Every diagnosis, all at once, by id. */
async function answers(target: Target): Promise<ReadonlyMap<string, Diagnosed>> {
  const asked = diagnoses.map(async (diagnosis) => [diagnosis.id, await diagnose({ diagnosis, target })] as const);
  return new Map(await Promise.all(asked));
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));

const isLack = (reason: string): boolean => reason.startsWith(notMapped) || reason.startsWith(notPermitted);

function reasonsOf(read: ReadonlyMap<string, Reading<unknown>>): Readonly<Record<string, string>> {
  const unknown = [...read].flatMap(([id, reading]) => (reading.status === 'unknown' ? [[id, reading.reason]] : []));
  return Object.fromEntries(unknown);
}

/** Nothing may read 0, or clean, only because it could not be read. */
async function expectNoFalseCalm(less: Target, full: Target): Promise<void> {
  const [seen, whole, partial, all] = await Promise.all([readings(less), readings(full), answers(less), answers(full)]);
  for (const probe of probesOf(full)) {
    const [part, rest] = [seen.get(probe.id), whole.get(probe.id)];
    if (part?.status !== 'ok' || rest?.status !== 'ok') continue;
    const numbers = { part: probe.numbers?.(part.value) ?? {}, whole: probe.numbers?.(rest.value) ?? {} };
    const falseZeros = Object.entries(numbers.part).filter(
      ([name, value]) => value === 0 && (numbers.whole[name] ?? 0) > 0,
    );
    expect(falseZeros, probe.id).toEqual([]);
  }
  for (const [id, { status }] of all) {
    if (status === 'finding') expect(partial.get(id)?.status, id).not.toBe('clean');
  }
}

test('no engine at all: nothing throws, nothing is known, and each says that it is not mapped', async () => {
  const target = opened({});
  for (const [id, reading] of await readings(target)) {
    if (reading.status === 'unknown') expect(reading.reason, id).toMatch(/^not mapped/);
    else
      expect(
        probesOf(target)
          .find((probe) => probe.id === id)
          ?.rows(reading.value).length,
        id,
      ).toBeLessThanOrEqual(1);
  }
  for (const [id, answer] of await answers(target)) {
    expect(answer, id).toMatchObject({ status: 'unknown', findings: [] });
  }
});

test('engines and no role map: what the engines say is read, the pipeline is not mapped', async () => {
  const target = opened({ endpoints: stack.endpoints });
  const read = await readings(target);
  expect(read.get('stack.health')?.status).toBe('ok');
  expect(Object.entries(reasonsOf(read)).filter(([, reason]) => !isLack(reason))).toEqual([]);
  for (const id of ['outbox.backlog', 'pipeline.freshness', 'workers.health', 'dlq.groups', 'checks.sql']) {
    expect(read.get(id), id).toMatchObject({ status: 'unknown', reason: expect.stringMatching(/^not mapped/) });
  }
  const own = `${stack.roles.database}-view`;
  expect(asText(read.get('kafka.group-lag')), 'every group of the cluster').toContain(own);
  const told = [...(await answers(target)).values()].filter(({ reason }) => reason !== undefined && !isLack(reason));
  expect(told).toEqual([]);
});

const checks = (): readonly SqlCheck[] => {
  const { table, dedupKey, status } = stack.roles.outbox ?? {};
  return [
    check('dead', `SELECT \`${dedupKey}\` AS who FROM \`${table}\` WHERE \`${status}\` = 'DEAD'`),
    check('fine', 'SELECT 1 FROM DUAL WHERE FALSE'),
    check('many', `SELECT COUNT(*) FROM \`${table}\``, { threshold: { max: 1 }, severity: 'critical' }),
    check('few', `SELECT COUNT(*) FROM \`${table}\` WHERE \`${status}\` = 'DEAD'`, { threshold: { min: 2 } }),
    check('later', 'SELECT 1 WHERE FALSE', { cost: 'onDemand' }),
  ];
};

describe('exactly the printed rights', () => {
  test('open every probe, by the stack’s own names; none says that it is not permitted', async () => {
    const target = opened({ endpoints: stack.endpoints, roles: stack.roles, checks: checks() });
    const read = await readings(target);
    expect(asText([...read])).not.toContain(notPermitted);
    expect(read.get('outbox.backlog')).toMatchObject({ value: { pending: { rows: 1 }, dead: { rows: 1 } } });
    expect(read.get('dlq.groups')).toMatchObject({ value: { deadLetters: { rows: 1 } } });
    expect(asText(read.get('kafka.group-lag'))).toContain('"atLeast":"3"');
    const answered = [...(await answers(target)).values()];
    expect(asText(answered)).not.toContain(notPermitted);
    // What has no column, and what nothing was planted for, may be unknown; a failed statement or request may not.
    expect(answered.filter(({ reason }) => reason !== undefined && !isLack(reason))).toEqual([]);
  });
});

describe('own checks, with exactly the printed rights', () => {
  test('a probe each, all in one, and a diagnosis that names the rows', async () => {
    const target = opened({ endpoints: stack.endpoints, roles: stack.roles, checks: checks() });
    const read = await readings(target);
    const found = probesOf(target).find(({ id }) => id === 'check.dead');
    const reading = read.get('check.dead');
    if (found === undefined || reading?.status !== 'ok') throw new Error('check.dead is unknown');
    expect(found.rows(reading.value)).toEqual([['who'], ['k-1']]);
    expect(found.judge(reading.value).map(({ key }) => key)).toEqual(['check.dead']);
    const all = probesOf(target).find(({ id }) => id === 'checks.sql');
    const together = read.get('checks.sql');
    if (all === undefined || together?.status !== 'ok') throw new Error('checks.sql is unknown');
    expect(all.judge(together.value).map(({ key, severity }) => [key, severity])).toEqual([
      ['check.dead', 'warning'],
      ['check.many', 'critical'],
      ['check.few', 'warning'],
    ]);
    const diagnosis = diagnoses.find(({ id }) => id === 'checks');
    if (diagnosis === undefined) throw new Error('no diagnosis checks');
    expect(await diagnose({ diagnosis, target })).toMatchObject({
      status: 'finding',
      counts: { checks: 5, violated: 3, unknown: 0 },
      findings: [
        { key: 'check.many' },
        { key: 'check.dead', text: { en: 'dead: 1 row' }, evidence: [{ who: 'k-1' }] },
        { key: 'check.few', evidence: [{ 'COUNT(*)': '1' }] },
      ],
    });
    const calm = opened({
      endpoints: stack.endpoints,
      roles: stack.roles,
      checks: checks().filter(({ id }) => id === 'fine'),
    });
    expect(await diagnose({ diagnosis, target: calm })).toMatchObject({
      status: 'clean',
      counts: { checks: 1, violated: 0 },
      explanation: { en: 'ran 1 check just now' },
    });
    const broken = [
      check('broken', 'SELECT no_such FROM `our outbox_event`'),
      check(
        'slow',
        'SELECT COUNT(*) FROM information_schema.collations a, information_schema.collations b, information_schema.collations c, information_schema.collations d',
        { timeoutMs: 200 },
      ),
    ];
    const dark = opened({ endpoints: stack.endpoints, roles: stack.roles, checks: broken });
    expect(await diagnose({ diagnosis, target: dark })).toMatchObject({
      ...{ status: 'unknown', counts: { checks: 2, violated: 0, unknown: 2 } },
      explanation: { en: expect.stringContaining('no column no_such in our outbox_event') },
    });
  });

  test('a check writes nothing, and no row too many is fetched', async () => {
    const { mysql: endpoint } = inject('endpoints'); // even an account that may everything
    const { database } = stack.roles;
    const limits = { timeoutMs: 2_000, rowsMax: 10 };
    await stack.admin.query(
      'CREATE FUNCTION wipe() RETURNS INT DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM `our outbox_event`; RETURN 1; END',
    );
    await expect(checkRows({ endpoint, database }, 'SELECT wipe()', limits)).rejects.toMatchObject({ code: 1792 });
    const series = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n';
    for (const sql of [series, `${series} LIMIT 900`]) {
      const found = await checkRows({ endpoint, database }, sql, limits);
      expect([found.rows.length, found.more, found.columns]).toEqual([10, true, ['i']]);
    }
  });
});

describe('a role map with a mistake', () => {
  test('a wrong name says which, at use and when the names are looked up', async () => {
    const { outbox } = stack.roles;
    if (outbox === undefined) throw new Error('no outbox');
    const roles = { ...stack.roles, outbox: { ...outbox, status: 'stat', table: outbox.table } };
    const target = opened({ endpoints: stack.endpoints, roles });
    const read = await readings(target);
    expect(read.get('outbox.backlog')).toMatchObject({
      reason: expect.stringMatching(/^not mapped: no column \S*stat in our outbox_event$/),
    });
    const missing = (await verifyNames(target)).filter(({ found }) => !found.known || !found.value);
    expect(missing).toEqual([
      { role: 'outbox.status', name: 'our outbox_event.stat', found: { known: true, value: false } },
    ]);
    const whole = await verifyNames(opened({ endpoints: stack.endpoints, roles: stack.roles }));
    expect(whole.filter(({ found }) => !found.known || !found.value)).toEqual([]);
    expect(whole.length).toBeGreaterThan(50);
  });
});

test('a login and nothing more: not permitted, never an error, never 0, never clean', async () => {
  const full = opened({ endpoints: stack.endpoints, roles: stack.roles });
  const less = opened({ endpoints: stack.bare, roles: stack.roles });
  await expectNoFalseCalm(less, full);
  const read = await readings(less);
  expect(read.get('outbox.backlog')).toMatchObject({
    status: 'unknown',
    reason: expect.stringMatching(/^not permitted/),
  });
  expect(Object.entries(reasonsOf(read)).filter(([, reason]) => !isLack(reason))).toEqual([]);
});

test('a wrong password is not permitted, whichever engine says so', async () => {
  const { mysql, redis } = stack.endpoints;
  if (mysql === undefined || redis === undefined) throw new Error('no endpoints');
  const endpoints = { mysql: { ...mysql, password: 'wrong' }, redis: { ...redis, password: 'wrong' } };
  const target = opened({ endpoints, roles: stack.roles });
  expect((await readings(target)).get('outbox.backlog')).toMatchObject({
    reason: expect.stringMatching(/^not permitted/),
  });
  await expect(target.redis.command('PING', [], z.string())).rejects.toThrow(/^not permitted: wrong user or password/);
});

test('MySQL over TLS: the authority that signed it is enough for ca, its other name is not for identity', async () => {
  const { mysql } = stack.endpoints;
  if (mysql === undefined) throw new Error('no MySQL');
  const [rows] = await stack.admin.query('SELECT @@datadir AS folder, @@ssl_ca AS file');
  const [{ folder, file } = { folder: '', file: '' }] = rows as { folder: string; file: string }[];
  const over = async (tls: Parameters<typeof readTls>[0]) => {
    const target = opened({ endpoints: { mysql: { ...mysql, tls: readTls(tls) } } });
    const [status] = await target.mysql.query("SHOW STATUS LIKE 'Ssl_cipher'", [], z.object({ Value: z.string() }));
    return status?.Value;
  };
  const ca = resolve(folder, file);
  expect(await over({ verify: 'none' })).toMatch(/^(?:TLS|ECDHE)/);
  expect(await over({ verify: 'ca', ca })).toMatch(/^(?:TLS|ECDHE)/);
  await expect(over({ verify: 'identity', ca })).rejects.toThrow(/its certificate is for another name.*; try tls=ca/);
  await expect(over({ verify: 'ca' })).rejects.toThrow(/that signed its certificate is not trusted.*; try ca=<file/);
});

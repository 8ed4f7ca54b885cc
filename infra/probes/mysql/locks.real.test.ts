import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { deadlock } from '../../diagnoses/deadlock.ts';
import { mysql } from '../../diagnoses/mysql.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { quoteIdentifier } from '../../mysql/identifiers.ts';
import { type Connection, mysqlConnection } from '../../mysql/pool.ts';
import { run } from '../../process.ts';
import { writeShims } from '../../stack/native/shims.ts';
import { type LabTarget, labTarget, type Target } from '../../target.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { addTo, deadlockAbba, type LockPlanting, lockPlanting } from '../../testing/plant-deadlocks.ts';
import type { Probe } from '../probe.ts';
import { notPermitted } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { mysqlDeadlocks } from './deadlocks.ts';
import { mysqlErrors } from './errors.ts';
import { mysqlLoad } from './load.ts';
import { mysqlWaits } from './waits.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The commands that a probe shows as its proof, run as an operator would run them: pasted into a shell. */
let tools = '';
beforeAll(async () => {
  tools = await writeShims(inject('config'));
});

async function prepared(): Promise<{ target: LabTarget; planting: LockPlanting }> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  onTestFinished(() => target.close());
  return { target, planting: await lockPlanting(endpoints.mysql, scope.database) };
}

async function valueFrom<T>(probe: Probe<T>, target: Target): Promise<T> {
  const reading = await readOnce({ probe, target, before: undefined });
  if (reading.status !== 'ok') throw new Error(`${probe.id} is unknown: ${reading.reason}`);
  return reading.value;
}

/** Each command's output as rows of cells, without headings. */
async function outputs<T>(probe: Probe<T>, target: Target, value: T): Promise<readonly (readonly string[])[][]> {
  const shown: (readonly string[])[][] = [];
  for (const { command } of probe.verifyWith(target, { value })) {
    const path = `${tools}:${process.env.PATH}`;
    const result = await run('sh', ['-c', command], { timeoutMs: 60_000, env: { ...process.env, PATH: path } });
    expect(result.problem, `${command}\n${result.stderr}`).toBeUndefined();
    const lines = result.stdout.trim().split('\n');
    shown.push(lines.slice(1).map((line) => line.split('\t')));
  }
  return shown;
}

test('mysql.waits and mysql.deadlocks: their native commands say the same', async () => {
  const { target, planting } = await prepared();
  const [a, b] = [await planting.session(), await planting.session()] as const;
  await deadlockAbba(planting, [a, b]);
  const deadlocks = await valueFrom(mysqlDeadlocks, target);
  const [counter, text] = await outputs(mysqlDeadlocks, target, deadlocks);
  expect(counter).toEqual([['lock_deadlocks', String(deadlocks.total.known && deadlocks.total.value)]]);
  const report = (text ?? []).flat().join('\n');
  const [last] = deadlocks.seen;
  expect(report).toContain('LATEST DETECTED DEADLOCK');
  expect(report).toContain(last?.at);
  for (const { trxId } of last?.sides ?? []) expect(report).toContain(`TRANSACTION ${trxId}, ACTIVE`);
  expect(last?.sides.map(({ query }) => query)).toEqual([addTo(9), addTo(7)]);

  await a.query('START TRANSACTION');
  await a.query(addTo(1));
  const waiting = await planting.startWaiting(b, addTo(1));
  const waits = await valueFrom(mysqlWaits, target);
  const [edges, metadata, transactions] = await outputs(mysqlWaits, target, waits);
  expect(edges?.map(([waiter, blocker]) => [waiter, blocker])).toEqual([[String(b.threadId), String(a.threadId)]]);
  expect(waits.waits).toMatchObject([
    { waiter: { pid: String(b.threadId) }, blockers: { known: true, value: [String(a.threadId)] }, depth: 1 },
  ]);
  expect(metadata).toEqual([]);
  const ofWaiter = transactions?.find(([pid]) => pid === String(b.threadId));
  expect(ofWaiter?.slice(1, 2)).toEqual(['LOCK WAIT']);
  expect(ofWaiter?.at(-1)).toBe(addTo(1));
  await a.query('ROLLBACK');
  await waiting.done;

  // At once: InnoDB's list of transactions still tells of the row that b waited for.
  await a.query('START TRANSACTION');
  await a.query('SELECT COUNT(*) FROM planted_dedupe');
  const altering = await planting.startWaiting(b, 'ALTER TABLE planted_dedupe ADD COLUMN z INT');
  const behindTable = await valueFrom(mysqlWaits, target);
  const [, sessions] = await outputs(mysqlWaits, target, behindTable);
  expect(sessions?.map(([pid, , , , statement]) => [pid, statement])).toEqual([
    [String(b.threadId), 'ALTER TABLE planted_dedupe ADD COLUMN z INT'],
  ]);
  expect(behindTable.waits.map(({ waiter }) => waiter.pid)).toEqual([String(b.threadId)]);
  await a.query('ROLLBACK');
  await altering.done;
});

test('mysql.errors and mysql.load: their native commands say the same', async () => {
  const { target, planting } = await prepared();
  const session = await planting.session();
  const other = await planting.session();
  await session.query('START TRANSACTION');
  await session.query(addTo(3));
  await other.query('SET SESSION innodb_lock_wait_timeout = 1');
  const before = await valueFrom(mysqlErrors, target);
  await expect(other.query(`/* pay \u001b[31m */ ${addTo(3)}`)).rejects.toMatchObject({ errno: 1205 });
  const errors = await valueFrom(mysqlErrors, target);
  const total = (value: typeof errors, errno: number): bigint | undefined => {
    const found = value.errors.find((error) => error.errno === errno)?.total;
    return found?.known ? found.value : undefined;
  };
  expect(total(errors, 1205)).toBe((total(before, 1205) ?? 0n) + 1n);
  const [metrics, byError] = await outputs(mysqlErrors, target, errors);
  expect(new Map(metrics?.map(([name, count]) => [name, count]))).toEqual(
    new Map([
      ['lock_deadlocks', String(total(errors, 1213))],
      ['lock_timeouts', String(total(errors, 1205))],
    ]),
  );
  for (const [errno, raised] of byError ?? []) expect(String(total(errors, Number(errno)))).toBe(raised);
  expect(errors.recent.known && errors.recent.value[0]).toMatchObject({
    errno: 1205,
    pid: String(other.threadId),
    database: target.roles.database,
    statement: `/* pay  */ ${addTo(3)}`,
  });
  // Heartbeats are mapped in the lab, and nobody beats here.
  expect(errors.errors[0]?.retries).toMatchObject({ known: false, reason: expect.stringContaining('not mapped') });
  await planting.admin.query(
    `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
     VALUES ('transfer-writer', 7, 's', '', '{"errno1213": 4, "errno1205": 1}', '[]', NOW(6)),
            ('balance-projector', 8, 's', '', '{"errno1213": 2}', '[]', NOW(6))`,
  );
  expect(
    (await valueFrom(mysqlErrors, target)).errors.map(({ errno, retries }) => [
      errno,
      retries.known && retries.value.total,
    ]),
  ).toEqual([
    [1205, 1],
    [1213, 6],
    [1020, 0],
    [3572, 0],
    [1040, 0],
  ]);

  // Moving numbers: the native ones lie between two readings.
  const first = await valueFrom(mysqlLoad, target);
  const [status = [], history] = await outputs(mysqlLoad, target, first);
  const second = await valueFrom(mysqlLoad, target);
  const native = new Map(status.map(([name = '', value = '']) => [name, BigInt(value)]));
  const pairs = [
    ['Questions', 'questions'],
    ['Com_commit', 'commits'],
    ['Com_rollback', 'rollbacks'],
    ['Aborted_connects', 'abortedConnects'],
    ['Innodb_row_lock_waits', 'rowLockWaits'],
    ['Innodb_buffer_pool_read_requests', 'pageRequests'],
  ] as const;
  for (const [name, counter] of pairs) {
    expect(native.get(name), name).toBeGreaterThanOrEqual(first.totals[counter]);
    expect(native.get(name), name).toBeLessThanOrEqual(second.totals[counter]);
  }
  expect(native.get('Max_used_connections')).toBe(BigInt(second.connections.used));
  expect(history?.[0]?.[0]).toBe('trx_rseg_history_len');
  await session.query('ROLLBACK');
});

/** A user with SELECT on one database, then with more; dropped when the test ends. */
async function leastPrivileged(admin: Connection, target: LabTarget) {
  const { database } = target.roles;
  const user = database.slice(-30);
  await admin.query(`CREATE USER '${user}'@'%' IDENTIFIED BY 'reader'`);
  onTestFinished(async () => {
    const last = await mysqlConnection({ endpoint: target.endpoints.mysql });
    await last.query(`DROP USER '${user}'@'%'`);
    await last.end();
  });
  await admin.query(`GRANT SELECT ON ${quoteIdentifier(database)}.* TO '${user}'@'%'`);
  // Grants hold for sessions that begin after them.
  const reconnected = (): LabTarget => {
    const reader = labTarget(
      { ...target.endpoints, mysql: { ...target.endpoints.mysql, user, password: 'reader' } },
      target.scope,
    );
    onTestFinished(() => reader.close());
    return reader;
  };
  return {
    reader: reconnected(),
    async granted(what: string): Promise<LabTarget> {
      await admin.query(`GRANT ${what} TO '${user}'@'%'`);
      return reconnected();
    },
  };
}

test('what the account may not read says so, grant by grant, and is never clean for it', async () => {
  const { target, planting } = await prepared();
  const { reader, granted } = await leastPrivileged(planting.admin, target);
  const reading = <T>(probe: Probe<T>) => readOnce({ probe, target: reader, before: undefined });
  const refused = { status: 'unknown', reason: expect.stringContaining(notPermitted) };
  expect(await reading(mysqlWaits)).toMatchObject(refused);
  expect(await reading(mysqlDeadlocks)).toMatchObject(refused);
  expect(await diagnose({ diagnosis: mysql, target: reader })).toMatchObject({ status: 'unknown', findings: [] });
  // Status counters need no privilege at all: the refused connections, and what the load is made of.
  const errors = await valueFrom(mysqlErrors, reader);
  expect(errors.recent).toEqual(refusedPart);
  expect(errors.errors.map(({ errno, total }) => [errno, total.known || total.reason])).toEqual([
    [1205, 'not permitted (PROCESS)'],
    [1213, 'not permitted (PROCESS)'],
    [1020, 'not permitted (SELECT on performance_schema)'],
    [3572, 'not permitted (SELECT on performance_schema)'],
    [1040, true],
  ]);
  expect(await valueFrom(mysqlLoad, reader)).toMatchObject({ historyLength: refusedPart, connections: { max: 151 } });
  expect(await diagnose({ diagnosis: deadlock, target: reader })).toMatchObject({ status: 'unknown', findings: [] });

  const withProcess = await granted('PROCESS ON *.*');
  const [a, b] = [await planting.session(), await planting.session()] as const;
  await a.query('START TRANSACTION');
  await a.query(addTo(1));
  const waiting = await planting.startWaiting(b, addTo(1));
  const waits = async (by: Target) => (await valueFrom(mysqlWaits, by)).waits;
  expect(await waits(withProcess)).toMatchObject([
    { waiter: { pid: String(b.threadId) }, blockers: refusedPart, lock: { known: true } },
  ]);
  expect(await diagnose({ diagnosis: mysql, target: withProcess })).toMatchObject({ status: 'unknown' });
  const whole = await granted('SELECT ON performance_schema.*');
  expect(await waits(whole)).toMatchObject([
    { blockers: { known: true, value: [String(a.threadId)] }, roots: [String(a.threadId)] },
  ]);
  await a.query('ROLLBACK');
  await waiting.done;
  expect(await diagnose({ diagnosis: deadlock, target: whole })).toMatchObject({ status: 'clean' });
});

const refusedPart = { known: false, reason: expect.stringContaining(notPermitted) };

test('without a role map the whole server is looked at', async () => {
  const { target, planting } = await prepared();
  const pair = [await planting.session(), await planting.session()] as const;
  await deadlockAbba(planting, pair);
  const bare: Target = { ...target, roles: { database: '', topics: {}, groups: {} } };
  const answer = await diagnose({ diagnosis: deadlock, target: bare });
  expect(answer.findings.map(({ kind }) => kind)).toContain('ab-ba');
  expect(answer.explanation.en).toContain('whether the applications of this target retry cannot be seen');
});

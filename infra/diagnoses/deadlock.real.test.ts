import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { waitFor } from '../clock.ts';
import type { Connection } from '../mysql/pool.ts';
import { mysqlDeadlocks } from '../probes/mysql/deadlocks.ts';
import { readOnce } from '../probes/sampler.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import {
  addTo,
  deadlockAbba,
  deadlockDuplicate,
  deadlockGap,
  deadlockUpgrade,
  type LockPlanting,
  lockPlanting,
} from '../testing/plant-deadlocks.ts';
import { deadlock } from './deadlock.ts';
import type { Diagnosis } from './diagnosis.ts';
import { mysql } from './mysql.ts';
import { type Diagnosed, diagnose } from './run.ts';

vi.setConfig({ testTimeout: 180_000 });

async function prepared(): Promise<{ target: LabTarget; planting: LockPlanting }> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  onTestFinished(() => target.close());
  return { target, planting: await lockPlanting(endpoints.mysql, scope.database) };
}

const ask = (diagnosis: Diagnosis, target: LabTarget): Promise<Diagnosed> => diagnose({ diagnosis, target });

const kindsOf = ({ findings }: Diagnosed): readonly string[] => findings.map(({ kind }) => kind);

test('each class of deadlock is found as its two sides, and nothing else is', async () => {
  const { target, planting } = await prepared();
  const db = target.roles.database;
  expect(await ask(deadlock, target)).toMatchObject({ status: 'clean', findings: [] });
  const pair = [await planting.session('REPEATABLE READ'), await planting.session('REPEATABLE READ')] as const;
  const [a, b] = pair;
  const account = (id: number): string => `${db}.planted_account PRIMARY (${id}) X locks rec but not gap`;
  const key = (name: string, id: string, mode: string): unknown =>
    expect.stringMatching(new RegExp(`^${db}\\.planted_dedupe uk_key \\(${name}, ${id}\\) ${mode}$`));
  const gap = (more = ''): unknown => key('k90', '\\d+', `X locks gap before rec${more}`);
  const exclusive = 'X locks rec but not gap';
  const shared = `${db}.planted_account PRIMARY (5) S locks rec but not gap`;
  const planted = [
    {
      plant: deadlockAbba,
      kind: 'ab-ba',
      sides: [
        { session: String(a.threadId), holds: account(7), waits_for: account(9), statement: addTo(9) },
        { session: String(b.threadId), holds: account(9), waits_for: account(7), statement: addTo(7) },
      ],
      says: `planted_account (7) → planted_account (9) everywhere it cannot happen. Session ${b.threadId} takes them the other way round`,
    },
    {
      plant: deadlockGap,
      kind: 'gap',
      sides: [
        { session: String(a.threadId), holds: gap(), waits_for: gap(' insert intention') },
        { session: String(b.threadId), holds: gap(), waits_for: gap(' insert intention') },
      ],
      says: 'READ COMMITTED',
    },
    {
      plant: deadlockDuplicate,
      kind: 'duplicate-key',
      sides: [
        { session: String(a.threadId), holds: key('m1', '\\d+', exclusive), waits_for: key('m2', '\\d+', 'S.*') },
        { session: String(b.threadId), holds: key('m2', '\\d+', exclusive), waits_for: key('m1', '\\d+', 'S.*') },
      ],
      says: 'sort the keys within a batch',
    },
    {
      plant: deadlockUpgrade,
      kind: 'lock-upgrade',
      sides: [
        { session: String(a.threadId), holds: shared, waits_for: account(5) },
        { session: String(b.threadId), holds: shared, waits_for: account(5) },
      ],
      says: 'FOR UPDATE',
    },
  ];
  for (const { plant, kind, sides, says } of planted) {
    expect((await plant(planting, pair)).filter((errno) => errno !== undefined)).toEqual([1213]);
    const answer = await ask(deadlock, target);
    expect(kindsOf(answer)).toEqual([kind]);
    const [finding] = answer.findings;
    expect(finding?.evidence).toMatchObject(sides);
    expect(finding?.evidence.filter(({ victim }) => victim === true)).toHaveLength(1);
    expect(finding?.text.en).toContain(says);
    expect(finding?.severity).toBe('warning');
    expect(answer.explanation.en).toContain('takes 1205, 1213, 1020 for transient');
  }
});

test('chains are followed to the idle session at their head, metadata locks too; and a timeout', async () => {
  const { target, planting } = await prepared();
  const sessions = await Promise.all(Array.from({ length: 7 }, () => planting.session()));
  const [root, middle, last, reader, alter, select, impatient] = sessions as [Connection, ...Connection[]] &
    Record<number, Connection>;
  const pid = (session: Connection | undefined): string => String(session?.threadId);
  await begin(root, `/* tx=T9 */ ${addTo(1)}`);
  await begin(middle, addTo(2));
  const middleWaits = await planting.startWaiting(middle as Connection, addTo(1));
  const lastWaits = await planting.startWaiting(last as Connection, addTo(2));
  await begin(reader, 'SELECT * FROM planted_dedupe');
  const alterWaits = await planting.startWaiting(alter as Connection, 'ALTER TABLE planted_dedupe ADD COLUMN z INT');
  const selectWaits = await planting.startWaiting(select as Connection, 'SELECT COUNT(*) FROM planted_dedupe');
  await impatient?.query('SET SESSION innodb_lock_wait_timeout = 1');
  await expect(impatient?.query(addTo(1))).rejects.toMatchObject({ errno: 1205 });

  // They must have waited for a while before it is a finding.
  const answer = await waitFor(
    'both jams to be findings',
    async () => {
      const now = await ask(deadlock, target);
      return now.findings.filter(({ kind }) => kind === 'lock-wait').length >= 2 ? now : undefined;
    },
    { timeoutMs: 30_000, intervalMs: 200 },
  );
  expect([...kindsOf(answer)].sort()).toEqual(['lock-timeout', 'lock-wait', 'lock-wait']);
  const evidence = (key: string) => answer.findings.find((finding) => finding.key === key)?.evidence;
  const db = target.roles.database;
  expect(evidence(`waits.root.${pid(root)}`)).toMatchObject([
    {
      role: 'blocker',
      session: pid(root),
      rows_locked: 1,
      rows_modified: 1,
      statement: `(last) /* tx=T9 */ ${addTo(1)}`,
      kill: `KILL ${pid(root)};`,
    },
    ...[
      { session: pid(middle), behind: pid(root), lock: `${db}.planted_account PRIMARY (1) X locks rec but not gap` },
      { session: pid(last), behind: pid(middle), lock: `${db}.planted_account PRIMARY (2) X locks rec but not gap` },
    ].map((waiter) => ({ role: 'waiter', lock_kind: 'row', ...waiter })),
  ]);
  expect(evidence(`waits.root.${pid(reader)}`)).toMatchObject([
    { role: 'blocker', session: pid(reader), statement: '(last) SELECT * FROM planted_dedupe' },
    {
      session: pid(alter),
      behind: pid(reader),
      lock: `${db}.planted_dedupe metadata EXCLUSIVE`,
      lock_kind: 'metadata',
    },
    { session: pid(select), behind: pid(alter), lock: `${db}.planted_dedupe metadata SHARED_READ` },
  ]);
  expect(evidence('deadlock.timeouts')).toMatchObject([{ session: pid(impatient), statement: addTo(1) }]);
  expect(answer.next[0]?.command).toContain('KILL');

  await Promise.all([root, reader].map((session) => session?.query('ROLLBACK')));
  expect(await middleWaits.done).toBeUndefined();
  await middle?.query('ROLLBACK');
  expect(await Promise.all([lastWaits, alterWaits, selectWaits].map(({ done }) => done))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

async function begin(session: Connection | undefined, sql: string): Promise<void> {
  await session?.query('START TRANSACTION');
  await session?.query(sql);
}

test('many short transactions on rows of their own, some queueing for a hot one: nothing to find', async () => {
  const { target, planting } = await prepared();
  const sessions = await Promise.all(Array.from({ length: 8 }, () => planting.session()));
  let stopped = false;
  let transactions = 0;
  const working = sessions.map(async (session, index) => {
    while (!stopped) {
      await session.query('START TRANSACTION');
      await session.query(addTo(index + 10));
      if (transactions % 5 === 0) await session.query(addTo(99)); // always the last row: one order for all
      await session.query('COMMIT');
      transactions += 1;
    }
  });
  try {
    await waitFor('load', () => transactions > 50, { timeoutMs: 30_000 });
    expect(await ask(deadlock, target)).toMatchObject({ status: 'clean', findings: [] });
    expect(await ask(mysql, target)).toMatchObject({ status: 'clean', findings: [] });
  } finally {
    stopped = true;
    await Promise.all(working);
  }
});

test('a burst of 50: those that were overwritten are counted as not captured', async () => {
  const { target, planting } = await prepared();
  const pair = [await planting.session(), await planting.session()] as const;
  const read = async (before?: Awaited<ReturnType<typeof readOnce<unknown>>>) =>
    readOnce({ probe: mysqlDeadlocks, target, before: before as never });
  const valueIn = (reading: Awaited<ReturnType<typeof read>>) => {
    if (reading.status !== 'ok') throw new Error(reading.reason);
    return reading.value;
  };
  let reading = await read();
  const before = valueIn(reading);
  for (let number = 1; number <= 50; number++) {
    expect((await deadlockAbba(planting, pair)).filter((errno) => errno === 1213)).toHaveLength(1);
    if (number % 20 === 0) reading = await read(reading);
  }
  const value = valueIn(await read(reading));
  const total = (counted: typeof value): bigint => (counted.total.known ? counted.total.value : -1n);
  expect(total(value) - total(before)).toBe(50n);
  expect(value.captured - before.captured).toBe(3); // after the 20th, the 40th and the 50th
  expect(value.lately?.deadlocks).toBe(50);
  expect(new Set(value.seen.map(({ fingerprint }) => fingerprint)).size).toBe(value.seen.length);
  expect(mysqlDeadlocks.judge(value).map(({ key }) => key)).toEqual(['deadlocks.rate']);
});

import { beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type Connection, mysqlConnection } from '../mysql/pool.ts';
import type { Subject } from '../probes/probe.ts';
import type { LabTarget } from '../target.ts';
import { commitOffsets } from '../testing/commit-offsets.ts';
import { openedScope } from '../testing/opened-scope.ts';
import { plantMoney } from '../testing/plant-money.ts';
import { duplicates } from './duplicates.ts';
import { projection } from './projection.ts';
import { diagnose } from './run.ts';

let target: LabTarget;
let connection: Connection;

beforeEach(async () => {
  ({ target, connection } = await openedScope());
});

const ask = (subject: Subject = {}, roles: Partial<RoleMap> = {}) =>
  diagnose({ diagnosis: projection, target: { ...target, roles: { ...target.roles, ...roles } }, subject });
const keysOf = ({ findings }: { findings: readonly { key: string }[] }) => findings.map(({ key }) => key).sort();
const run = async (...statements: readonly string[]): Promise<void> => {
  for (const statement of statements) await connection.query(statement);
};

/** As if leg `seq` of the account had never been applied. */
const unapply = (account: number, seq: number): Promise<void> =>
  run(
    `DELETE FROM applied_effect WHERE account_id = ${account} AND account_seq = ${seq}`,
    `DELETE FROM processed_event WHERE dedup_key = 'tx-${account}-${seq}:${account}'`,
    `UPDATE account_projection SET applied_count = applied_count - 1, balance = balance - ${100 * account + seq} WHERE account_id = ${account}`,
  );

const failed = (account: number, seq: number, dueAt: string, settledAt = 'NULL'): Promise<void> =>
  run(
    `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at, settled_at)
     VALUES ('balance-projector', 'account.balance.v1', ${account % 6}, ${seq}, 'tx-${account}-${seq}:${account}', 1, 'retry.5s', 'transient', 'E', 'm', ${dueAt}, ${settledAt})`,
  );

/** The projector's group has committed past these offsets: what is below must be applied. */
async function commit(offset: number): Promise<void> {
  const kafka = kafkaClient({ brokers: target.endpoints.kafka, clientId: 'test.projection' });
  const { groupId = '', topic = '' } = target.roles.groups.projector ?? {};
  const partitions = Array.from({ length: 6 }, (_, partition) => ({ partition, offset: String(offset) }));
  await commitOffsets(kafka, { groupId, topic }, partitions);
}

test('each way to be wrong is found by its own name and amount, and nothing else', async () => {
  await plantMoney(connection, { accounts: 30, legsPerAccount: 10 });
  await commit(1_000);
  expect(await ask()).toMatchObject({ status: 'clean', counts: { accounts: 30, behind: 0, pending: 0 } });
  await run(
    // 3: applied twice, journal and projection alike. 4: edited by hand. 5: the row is gone. 6: a count that nothing explains.
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
     SELECT dedup_key, account_id, account_seq, delta, partition_id, record_offset FROM applied_effect WHERE dedup_key = 'tx-3-2:3'`,
    'UPDATE account_projection SET balance = balance + 302, applied_count = 11 WHERE account_id = 3',
    'UPDATE account_projection SET balance = balance - 1 WHERE account_id = 4',
    'DELETE FROM account_projection WHERE account_id = 5',
    'UPDATE account_projection SET version = 12, applied_count = 12, balance = balance + 9007199254740993 WHERE account_id = 6',
    'INSERT INTO account_projection (account_id, balance, version, applied_count) VALUES (900, 77, 0, 0)',
    'UPDATE account SET balance = balance + 5 WHERE account_id = 8',
  );
  // 7: one effect is gone, and nothing will bring it. 9 and 10: in retry, and dead. 11: sent, and not yet consumed.
  await unapply(7, 4);
  await unapply(9, 3);
  await failed(9, 3, 'NOW(6) + INTERVAL 60 SECOND');
  await unapply(10, 5);
  await failed(10, 5, 'NULL', 'NOW(6)');
  await unapply(11, 6);
  await run("UPDATE outbox_event SET sent_offset = 5000 WHERE dedup_key = 'tx-11-6:11'");
  // 12: failed as bytes without a name; only its place tells which it was.
  await unapply(12, 7);
  await failed(12, 7, 'NULL', 'NOW(6)');
  await connection.query("UPDATE delivery_failure SET dedup_key = NULL, topic = ? WHERE dedup_key = 'tx-12-7:12'", [
    target.roles.topics.events,
  ]);
  const answer = await ask();
  expect(answer.status).toBe('finding');
  expect(keysOf(answer)).toEqual([
    'account-drift.8',
    'ahead.6',
    'doubled.3',
    'drifted.4',
    'missing.5',
    'missing.7',
    'orphan.900',
  ]);
  expect(answer.counts).toMatchObject({ doubled: 1, missing: 2, drifted: 1, ahead: 1, orphan: 1, accountDrift: 1 });
  expect(answer.counts).toMatchObject({ accounts: 31, inRetry: 2, dead: 1, pending: 1, undecided: 0 });
  const said = new Map(answer.findings.map(({ key, text }) => [key, text.en]));
  expect(said.get('doubled.3')).toContain('off by 302 ');
  expect(said.get('drifted.4')).toContain('off by -1 ');
  expect(said.get('missing.5')).toContain('off by -5055 (it has no projection)');
  expect(said.get('ahead.6')).toContain('off by 9007199254740993 ');
  expect(said.get('missing.7')).toContain('off by -704 ');
  expect(said.get('orphan.900')).toContain('off by 77 ');
  expect(answer.findings.find(({ key }) => key === 'missing.7')).toMatchObject({
    trace: 'tx-7-4:7',
    evidence: [
      { applied_count: '9', version: '10' },
      { dedup_key: 'tx-7-4:7', account_seq: '4', delta: '704' },
    ],
  });

  expect(keysOf(await ask({ accountId: 7n }))).toEqual(['missing.7']);
  expect(keysOf(await ask({ txId: 'tx-4-1' }))).toEqual(['drifted.4']);
  expect(await ask({ accountId: 9n })).toMatchObject({ status: 'clean', counts: { accounts: 1, inRetry: 1 } });
  expect(await ask({ accountId: 12_345n })).toMatchObject({ status: 'unknown' });
  // Retries that are not mapped could explain every hole: no finding rests on what cannot be seen.
  const { deliveryFailures: _, deadLetters: __, ...blind } = target.roles;
  const blindly = await diagnose({
    diagnosis: projection,
    target: { ...target, roles: blind },
    subject: { accountId: 9n },
  });
  expect(blindly).toMatchObject({ status: 'unknown', findings: [], counts: { undecided: 1 } });
});

describe('what a backfill has folded', () => {
  test('needs no effect of its own, and a copy below it is absorbed', async () => {
    await plantMoney(connection, { accounts: 4, legsPerAccount: 10 });
    // Without Kafka a hole is judged by the order of its account alone.
    const { kafka: _, ...endpoints } = target.endpoints;
    const ask = () => diagnose({ diagnosis: projection, target: { ...target, endpoints } });
    await run(
      'UPDATE account_projection SET folded_seq = 6',
      'DELETE FROM applied_effect WHERE account_id = 2 AND account_seq <= 6',
      "DELETE FROM processed_event WHERE dedup_key = 'tx-2-3:2'",
      `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
       SELECT dedup_key, account_id, account_seq, delta, 0, 1 FROM applied_effect WHERE dedup_key = 'tx-3-5:3'`,
    );
    expect(await ask()).toMatchObject({ status: 'clean', counts: { accounts: 4 } });
    await unapply(4, 8);
    expect(keysOf(await ask())).toEqual(['missing.4']);
    await failed(4, 8, 'NOW(6)');
    expect(await ask()).toMatchObject({ status: 'clean', counts: { inRetry: 1 } });
  });
});

describe('a healthy system is silent', () => {
  test('an empty one has nothing to check', async () => {
    expect(await ask()).toMatchObject({ status: 'unknown', findings: [] });
  });

  test('a busy one: transfers come, are on their way, and are applied late and out of turn', async () => {
    const endpoint = inject('endpoints').mysql;
    const writer = await mysqlConnection({ endpoint, database: target.roles.database });
    onTestFinished(() => writer.end());
    await plantMoney(writer, { accounts: 20, legsPerAccount: 6, unapplied: 3 });
    const until = systemClock.monotonic() + 1_500;
    const writing = (async () => {
      for (let seq = 7; systemClock.monotonic() < until; seq += 1) {
        await plantMoney(writer, { accounts: 20, legsPerAccount: 1, firstSeq: seq, unapplied: seq % 3 === 0 ? 0 : 1 });
      }
    })();
    const answers = [await ask()];
    while (systemClock.monotonic() < until) answers.push(await ask());
    await writing;
    expect(answers.flatMap(keysOf)).toEqual([]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['clean']));
    expect(answers.at(-1)?.counts.pending).toBeGreaterThan(0);
  });
});

test('opening balances that the ledger does not hold are mapped, or it is said what to map', async () => {
  await plantMoney(connection, { accounts: 12, legsPerAccount: 4 });
  await commit(1_000);
  await run(
    'ALTER TABLE account ADD COLUMN opened_with BIGINT NULL',
    'UPDATE account SET opened_with = 1000 * account_id, balance = balance + opened_with WHERE account_id > 2',
    'UPDATE account_projection SET balance = balance + 1000 * account_id WHERE account_id > 2',
    'INSERT INTO account (account_id, balance, opened_with) VALUES (50, 70, 70)',
  );
  const unmapped = await ask();
  expect(unmapped).toMatchObject({ status: 'finding', explanation: { en: expect.stringContaining('openingBalance') } });
  const accounts = { table: 'account', accountId: 'account_id', balance: 'balance', openingBalance: 'opened_with' };
  expect(await ask({}, { accounts })).toMatchObject({ status: 'clean', counts: { accounts: 13 } });
  // Σ balances and Σ ledger are about the same accounts, and what native SQL says is the same.
  expect((await ask({}, { accounts })).explanation.en).toMatch(/Σ balances (\d+), Σ ledger \1\)/);
  await run(
    'UPDATE account_projection SET balance = balance + 500, applied_count = applied_count + 1 WHERE account_id = 7',
  );
  const roles = { ...target.roles, accounts };
  const doubled = await diagnose({ diagnosis: duplicates, target: { ...target, roles }, subject: {} });
  expect(doubled.findings.map(({ key, text }) => [key, text.en.split(' ').at(-1)])).toEqual([['overcounted.7', '500']]);
  await run(
    'UPDATE account_projection SET balance = balance - 500, applied_count = applied_count - 1 WHERE account_id = 7',
  );
  await run('UPDATE account SET balance = balance + 5 WHERE account_id IN (4, 50)');
  await unapply(9, 2);
  const found = await ask({}, { accounts });
  expect(keysOf(found)).toEqual(['account-drift.4', 'account-drift.50', 'missing.9']);
  expect(found.findings.find(({ key }) => key === 'missing.9')?.text.en).toContain('off by -902 ');
  expect(found.explanation.en).not.toContain('openingBalance');
});

test('a target that has no ledger says so', async () => {
  const nothing = { database: target.roles.database, topics: {}, groups: {} };
  const answer = await diagnose({ diagnosis: projection, target: { ...target, roles: nothing } });
  expect(answer).toMatchObject({ status: 'unknown', reason: 'not mapped', findings: [] });
});

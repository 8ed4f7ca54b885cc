import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { mysqlConnection } from '../../mysql/pool.ts';
import { run } from '../../process.ts';
import { writeShims } from '../../stack/native/shims.ts';
import { labTarget } from '../../target.ts';
import { freshScope } from '../../testing/fresh-scope.ts';
import { plantMoney } from '../../testing/plant-money.ts';
import { readOnce } from '../sampler.ts';
import { projectionChecksum } from './checksum.ts';

let tools = '';

beforeAll(async () => {
  tools = await writeShims(inject('config'));
});

/** `mysql -e` into a pipe: a heading and one row, tab-separated. */
async function output(command: string): Promise<readonly string[]> {
  const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
  const { problem, stdout, stderr } = await run('sh', ['-c', command], { timeoutMs: 30_000, env });
  expect(problem, `${command}\n${stderr}`).toBeUndefined();
  return stdout.trim().split('\n').at(-1)?.split('\t') ?? [];
}

test('one SQL gives the same sums and the same checksum, for all accounts and for one', async () => {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  onTestFinished(() => target.close());
  onTestFinished(() => connection.end());
  await plantMoney(connection, { accounts: 250, legsPerAccount: 5, unapplied: 1 });
  await connection.query('UPDATE account_projection SET balance = balance + 9007199254740993 WHERE account_id = 4');
  for (const subject of [{}, { accountId: 17n }]) {
    const reading = await readOnce({ probe: projectionChecksum, target, subject, before: undefined });
    if (reading.status !== 'ok') throw new Error(reading.reason);
    const { value } = reading;
    const [sums = '', ledger = ''] = projectionChecksum
      .verifyWith(target, { subject, value })
      .map(({ command }) => command);
    expect(await output(sums)).toEqual([value.rows, value.balance, value.checksum].map(String));
    expect(await output(ledger)).toEqual([String(value.ledger)]);
    expect(projectionChecksum.judge(value).map(({ key }) => key)).toEqual(
      'accountId' in subject ? [] : ['projection.drifted'],
    );
  }
  // With what accounts had before their first leg.
  await connection.query('ALTER TABLE account ADD COLUMN opened_with BIGINT NOT NULL DEFAULT 7');
  const accounts = { table: 'account', accountId: 'account_id', balance: 'balance', openingBalance: 'opened_with' };
  const opened = { ...target, roles: { ...target.roles, accounts } };
  const reading = await readOnce({ probe: projectionChecksum, target: opened, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  const command = projectionChecksum.verifyWith(opened, { value: reading.value }).at(-1)?.command ?? '';
  expect(await output(command)).toEqual([String(reading.value.ledger)]);
  // The checksum tells any change, also one that leaves the sum as it was.
  const before = await readOnce({ probe: projectionChecksum, target, before: undefined });
  await connection.query(
    'UPDATE account_projection SET balance = balance + IF(account_id = 1, 1, -1) WHERE account_id < 3',
  );
  const after = await readOnce({ probe: projectionChecksum, target, before: undefined });
  if (before.status !== 'ok' || after.status !== 'ok') throw new Error('unknown');
  expect(after.value.balance).toBe(before.value.balance);
  expect(after.value.checksum).not.toBe(before.value.checksum);
  expect(after.value.drifts.drifted).toBe(3);
});

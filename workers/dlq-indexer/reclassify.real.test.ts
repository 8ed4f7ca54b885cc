import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import { mysqlConnection } from '../../infra/mysql/pool.ts';
import { freshScope } from '../../infra/testing/fresh-scope.ts';
import { plantDeadLetters } from '../../infra/testing/plant-dead-letters.ts';
import { fingerprintOf, loadFailureRules, parseFailureRules } from '../domain/failure-rules.ts';
import { reclassify } from './reclassify.ts';

const rowsEach = 1_100;

/** Of each kind more than is judged at once; their classes are what an older set of rules said. */
async function index() {
  const endpoints = inject('endpoints');
  const { database, topics } = await freshScope(endpoints);
  const connect = () => mysqlConnection({ endpoint: endpoints.mysql, database });
  const [connection, another] = await Promise.all([connect(), connect()]);
  onTestFinished(() => {
    connection.destroy();
    another.destroy();
  });
  const kinds = [
    { class: 'unknown', exception: 'TypeError', message: 'Cannot read', eventType: 'BalanceAdjusted' },
    { class: 'unknown', exception: 'LimitExceeded', message: 'over the limit', eventType: 'BalanceChanged' },
  ];
  await plantDeadLetters(
    connection,
    kinds.flatMap((kind, k) =>
      Array.from({ length: rowsEach }, (_, n) => ({ ...kind, topic: topics.dlq, originOffset: k * 10_000 + n })),
    ),
  );
  await connection.query("UPDATE dlq_event SET rule = 'none'");
  const seen = async () => {
    const [rows] = await another.query<RowDataPacket[]>(
      'SELECT class, rule, exception, fingerprint, COUNT(*) AS counted FROM dlq_event GROUP BY 1, 2, 3, 4 ORDER BY 3',
    );
    return rows.map((row) => ({ ...row, counted: Number(row.counted) }));
  };
  return { connection, another, seen };
}

const own = `
rules:
  - name: limit
    class: validation
    exception: LimitExceeded
`;

test('shows what the rules of now would change and changes nothing; applied, all of it, and then there is nothing left', async () => {
  const { connection, seen } = await index();
  const shipped = await loadFailureRules(undefined);
  const rules = [...parseFailureRules(own, 'own.yaml'), ...shipped];
  const before = await seen();
  const found = await reclassify(connection, rules, { apply: false });
  expect(found).toEqual({
    judged: 2 * rowsEach,
    changed: 2 * rowsEach,
    changes: [
      {
        from: { class: 'unknown', rule: 'none' },
        to: { class: 'bug', rule: 'programming-error' },
        rows: rowsEach,
      },
      { from: { class: 'unknown', rule: 'none' }, to: { class: 'validation', rule: 'limit' }, rows: rowsEach },
    ],
  });
  expect(await seen()).toEqual(before);
  expect(await reclassify(connection, rules, { apply: true })).toEqual(found);
  const [limit, type] = await seen();
  expect(limit).toMatchObject({ class: 'validation', rule: 'limit', counted: rowsEach });
  expect(type).toMatchObject({
    class: 'bug',
    counted: rowsEach,
    fingerprint: fingerprintOf({ class: 'bug', exception: 'TypeError', eventType: 'BalanceAdjusted' }),
  });
  expect(await reclassify(connection, rules, { apply: true })).toMatchObject({ changed: 0, changes: [] });
});

test('a connection that dies half way through leaves every row as it was', async () => {
  const { connection, another, seen } = await index();
  const before = await seen();
  await another.query('START TRANSACTION');
  // The last row is held, so that applying waits in its last batch with the others already written.
  await another.query('SELECT id FROM dlq_event ORDER BY id DESC LIMIT 1 FOR UPDATE');
  const rules = await loadFailureRules(undefined);
  const applying = reclassify(connection, rules, { apply: true }).then(
    () => 'applied',
    () => 'failed',
  );
  const isWaiting = async (): Promise<boolean> => {
    const [rows] = await another.query<RowDataPacket[]>(
      "SELECT trx_mysql_thread_id AS id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
    );
    return rows.some(({ id }) => String(id) === String(connection.threadId));
  };
  // InnoDB renews that table only for readers that come less often than every 100 ms.
  await waitFor('the lock wait', isWaiting, { timeoutMs: 40_000, intervalMs: 300 });
  await another.query(`KILL ${connection.threadId}`);
  expect(await applying).toBe('failed');
  await another.query('ROLLBACK');
  expect(await seen()).toEqual(before);
});

import { expect, inject, onTestFinished, test } from 'vitest';
import { RefusedError } from '../infra/errors.ts';
import { type Connection, mysqlConnection } from '../infra/mysql/pool.ts';
import { freshScope } from '../infra/testing/fresh-scope.ts';
import type { CommandRecord, Outcome, RawInput } from './command.ts';
import { outboxList } from './commands/outbox-list.ts';
import { outboxRetry } from './commands/outbox-retry.ts';
import { outboxSkip } from './commands/outbox-skip.ts';
import { runOnScope } from './testing/on-scope.ts';

const endpoints = inject('endpoints');

interface Lab {
  readonly connection: Connection;
  run(record: CommandRecord, raw?: RawInput): Promise<Outcome>;
}

/** Three held rows of three accounts, one more row behind the first. */
async function lab(): Promise<Lab> {
  const { name: scope, database } = await freshScope(endpoints);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database });
  onTestFinished(() => connection.end());
  const row = (id: number, account: number, status: string, next: string) =>
    `(${id}, UUID(), 't${id}:${account}', 'BalanceChanged', ${account}, '{}', '${status}', 4, ${next}, 'too large')`;
  await connection.query(
    `INSERT INTO outbox_event (id, event_id, dedup_key, event_type, account_id, payload, status, attempts, next_attempt_at, last_error)
     VALUES ${row(1, 7, 'DEAD', 'NULL')}, ${row(2, 8, 'DEAD', 'NULL')},
            ${row(3, 9, 'PENDING', 'NOW(6) + INTERVAL 60 SECOND')}, ${row(4, 7, 'PENDING', 'NULL')}`,
  );
  return { connection, run: (record, raw = {}) => runOnScope(record, raw, { endpoints, scope }) };
}

test('listed, skipped with a reason, retried all at once; then nothing holds its key', async () => {
  const { run, connection } = await lab();
  expect((await run(outboxList)).document).toMatchObject({
    schema: 'labctl.outbox.list/1',
    rows: [
      { id: '1', status: 'DEAD', holdsBack: 1 },
      { id: '2', status: 'DEAD', holdsBack: 0 },
      { id: '3', status: 'PENDING' },
    ],
    more: false,
  });
  const skipped = await run(outboxSkip, { id: '1', reason: ' closed by hand ', yes: true });
  expect(await skipped.text()).toBe('Row 1 (t1:7) is skipped; the later rows of its key go on');
  const retried = await run(outboxRetry, { all: true, yes: true });
  expect(retried.document).toMatchObject({ decided: [{ id: '2' }, { id: '3' }], refused: [] });
  expect(await (await run(outboxList)).text()).toBe('No row holds its key');
  const [audit] = await connection.query('SELECT outbox_id, action, reason, actor FROM outbox_audit ORDER BY id');
  expect(audit).toMatchObject([
    { outbox_id: '1', action: 'skip', reason: 'closed by hand', actor: expect.stringMatching(/^\S+@\S+$/) },
    { outbox_id: '2', action: 'retry' },
    { outbox_id: '3', action: 'retry' },
  ]);
  const [rows] = await connection.query('SELECT status, attempts FROM outbox_event WHERE id = 3');
  expect(rows).toEqual([{ status: 'PENDING', attempts: 0 }]);
});

test('without a reason, a confirmation, or a row that holds its key, nothing is decided', async () => {
  const { run, connection } = await lab();
  await expect(run(outboxSkip, { id: '1', yes: true })).rejects.toThrow('a reason is needed');
  await expect(run(outboxSkip, { id: '1', reason: 'x' })).rejects.toThrow('without a confirmation');
  await expect(run(outboxSkip, { id: '4', reason: 'x', yes: true })).rejects.toThrow(RefusedError);
  await expect(run(outboxRetry, { id: '9', yes: true })).rejects.toThrow('the outbox has no row 9');
  await expect(run(outboxRetry, { id: '1; DROP', yes: true })).rejects.toThrow('no id');
  await expect(run(outboxRetry, { id: '1', all: true, yes: true })).rejects.toThrow('it takes the id of one row');
  await expect(run(outboxRetry, { yes: true })).rejects.toThrow('it takes the id of one row');
  expect((await connection.query('SELECT * FROM outbox_audit'))[0]).toEqual([]);
});

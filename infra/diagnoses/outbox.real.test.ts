import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { eventsOf, markSent, plantOutbox } from '../testing/plant-pipeline.ts';
import { outbox } from './outbox.ts';
import { diagnose } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

test('held keys with what waits behind them, an order that was not kept, a relay that stands still; nothing else', async () => {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  onTestFinished(async () => {
    await Promise.all([target.close(), connection.end()]);
  });
  const asked = () => diagnose({ diagnosis: outbox, target });
  const found = async () => (await asked()).findings.map(({ key }) => key).sort();
  expect((await asked()).status).toBe('unknown');

  // 200 rows of ten keys: 160 sent in order, each key to one partition, and 40 written just now.
  const events = eventsOf(200, { createdAtMs: systemClock.now() });
  await plantOutbox(connection, events);
  const sent = events.slice(0, 160);
  await markSent(
    connection,
    sent,
    sent.map(({ account, seq }) => ({ partition: account % 6, offset: String(seq * 100 + account) })),
  );
  await connection.query("UPDATE outbox_event SET created_at = NOW(6) WHERE status = 'PENDING'");
  expect(await asked()).toMatchObject({ status: 'clean', counts: { pending: 40, outOfOrder: 0, compared: 200 } });

  const set = (id: number, change: string) => connection.query(`UPDATE outbox_event SET ${change} WHERE id = ?`, [id]);
  // Account 1: dead, with three rows behind it. Account 2: tried again, with two behind it.
  await set(161, "status = 'DEAD', attempts = 5, last_error = 'too \\u001b[31mlarge'");
  await set(172, "attempts = 2, next_attempt_at = NOW(6) + INTERVAL 300 SECOND, last_error = 'unserialisable'");
  // Account 3: its eleventh event stands before its tenth.
  const [tenth, eleventh] = [93, 103];
  await connection.query(
    `UPDATE outbox_event a JOIN outbox_event b ON a.id = ? AND b.id = ? SET a.sent_offset = b.sent_offset + 1`,
    [tenth, eleventh],
  );
  // Account 4: one row says a place far ahead. That is one row out of its order, not all that came behind it.
  await set(44, 'sent_offset = 1000000000');
  expect(await found()).toEqual(['outbox.dead.161', 'outbox.order.103', 'outbox.order.54', 'outbox.retrying.172']);
  const answer = await asked();
  expect(answer.counts).toMatchObject({ dead: 1, retrying: 1, heldBack: 5, outOfOrder: 2, stuck: 0 });
  expect(answer.findings.find(({ key }) => key === 'outbox.dead.161')?.evidence[0]).toMatchObject({
    outbox_id: '161',
    account_id: '1',
    attempts: '5',
    holds_back: 3,
  });

  // Rows behind a held one are not stuck, however old; one that nothing holds is, and whose relay is dead.
  await connection.query('UPDATE outbox_event SET created_at = NOW(6) - INTERVAL 60 SECOND WHERE account_id IN (1, 2)');
  expect(await found()).not.toContain('outbox.stuck');
  await set(165, 'created_at = NOW(6) - INTERVAL 60 SECOND');
  await set(163, "status = 'SENT'");
  await set(164, "status = 'SENT'");
  await connection.query(
    `INSERT INTO worker_heartbeat (worker, pid, process_start, mode, counters, findings, beat_at)
     VALUES ('outbox-relay', 7, 's', 'outbox', '{}', '[]', NOW(6) - INTERVAL 90 SECOND)`,
  );
  const stuck = (await asked()).findings.find(({ key }) => key === 'outbox.stuck');
  expect(stuck?.text.en).toMatch(
    /^row 165 \(t165:5\) has waited \d+ s though nothing holds it, 3\d pending · no relay is alive/,
  );
  expect(stuck?.evidence[1]).toMatchObject({ relay: 'outbox-relay' });
});

import { expect, inject, test, vi } from 'vitest';
import { systemClock } from '../../clock.ts';
import { run } from '../../process.ts';
import { writeShims } from '../../stack/native/shims.ts';
import { openedPipeline } from '../../testing/opened-scope.ts';
import {
  applyEvents,
  commitPlaces,
  eventsOf,
  keyOf,
  markSent,
  plantLegs,
  plantOutbox,
  produce,
} from '../../testing/plant-pipeline.ts';
import { known } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { pipelineCounts } from './counts.ts';

vi.setConfig({ testTimeout: 120_000 });

async function prepared() {
  const opened = await openedPipeline();
  const { target } = opened;
  const reading = async () => {
    const answer = await readOnce({ probe: pipelineCounts, target, before: undefined });
    if (answer.status !== 'ok') throw new Error(answer.reason);
    return { ...answer.value, keys: pipelineCounts.judge(answer.value).map(({ key }) => key) };
  };
  return { ...opened, reading };
}

test('counts of one moment, what explains their differences, and the same by plain SQL', async () => {
  const { scope, target, connection, kafka, producer, reading, topic } = await prepared();
  const events = eventsOf(60, { createdAtMs: systemClock.now() });
  await plantLegs(connection, events);
  await plantOutbox(connection, events);
  const [sent, applied, retrying] = [events.slice(0, 50), events.slice(0, 40), events.slice(40, 42)];
  const places = await produce(producer, topic, sent);
  await markSent(connection, sent, places);
  await applyEvents(connection, applied, places, topic);
  await commitPlaces(kafka, { groupId: scope.groups.projector, topic }, places.slice(0, 40));
  for (const [at, event] of retrying.entries()) {
    await connection.query(
      `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at)
       VALUES ('balance-projector', ?, 0, ?, ?, 1, 'retry.5s', 'transient', 'E', 'm', NOW(6))`,
      [topic, at, keyOf(event)],
    );
  }
  await connection.query(
    `INSERT INTO processed_event_archive SELECT * FROM processed_event WHERE dedup_key IN ('t1:1', 't2:2')`,
  );
  await connection.query(`DELETE FROM processed_event WHERE dedup_key IN ('t1:1', 't2:2')`);

  const value = await reading();
  expect(value).toMatchObject({
    ledger: known(60n),
    outbox: known({ pending: 10n, sent: 50n, dead: 0n, skipped: 0n }),
    processed: known({ applied: 40n, folded: 0n, archived: 2n }),
    effects: known(40n),
    failed: known({ inRetry: 2n, dead: 0n }),
    folded: known(0n),
    keys: [],
  });
  expect(value.comparisons.find(({ id }) => id === 'processed')).toMatchObject({
    left: 60n,
    right: 40n,
    explained: { pending: 10n, inRetry: 2n, inFlight: 8n },
    unexplained: 0n,
  });

  const [native] = pipelineCounts.verifyWith(target);
  const path = `${await writeShims(inject('config'))}:${process.env.PATH}`;
  const output = await run('sh', ['-c', native?.command ?? ''], {
    timeoutMs: 60_000,
    env: { ...process.env, PATH: path },
  });
  expect(output.problem, output.stderr).toBeUndefined();
  const rows = output.stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t').join(' '));
  expect(rows.sort()).toEqual([
    'archived 2',
    'effects 40',
    'ledger 60',
    'outbox PENDING 10',
    'outbox SENT 50',
    'processed 38',
  ]);

  // One effect twice, one gone, and one event that nobody processed though the consumer has passed it.
  await connection.query(
    `INSERT INTO applied_effect (dedup_key, account_id, account_seq, delta, partition_id, record_offset)
     SELECT dedup_key, account_id, account_seq, delta, partition_id, record_offset FROM applied_effect WHERE dedup_key = 't9:9'`,
  );
  expect((await reading()).keys).toEqual(['counts.effects']);
  await connection.query("DELETE FROM applied_effect WHERE dedup_key = 't9:9'");
  await connection.query("DELETE FROM processed_event WHERE dedup_key = 't9:9'");
  await commitPlaces(kafka, { groupId: scope.groups.projector, topic }, places);
  const lost = await reading();
  expect(lost.keys).toEqual(['counts.processed']);
  expect(lost.comparisons.find(({ id }) => id === 'processed')?.unexplained).toBe(9n);
});

import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { EngineError } from '../errors.ts';
import { type Connection, mysqlConnection } from '../mysql/pool.ts';
import { pipelineCounts } from '../probes/pipeline/counts.ts';
import type { Subject } from '../probes/probe.ts';
import { readOnce } from '../probes/sampler.ts';
import type { LabTarget } from '../target.ts';
import { type OpenedPipeline, openedPipeline } from '../testing/opened-scope.ts';
import {
  applyEvents,
  commitPlaces,
  eventsOf,
  keyOf,
  markSent,
  type PlantedEvent,
  plantLegs,
  plantOutbox,
  produce,
} from '../testing/plant-pipeline.ts';
import { lossWithin } from './loss.ts';
import { diagnose } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Nothing here is on its way for longer, but where a test says so. */
const impatient = { settleMs: 300, inHandMs: 600 };
const asked = (target: LabTarget, subject: Subject = {}, patience = impatient) =>
  diagnose({ diagnosis: lossWithin(patience), target, subject });
const lostOf = (answer: Awaited<ReturnType<typeof asked>>) =>
  answer.findings.map(({ trace, kind }) => `${trace} ${kind}`).sort();

/** Everything done as it should be, for all of them. */
async function flow({ connection, producer, topic }: OpenedPipeline, events: readonly PlantedEvent[]) {
  await plantLegs(connection, events);
  await plantOutbox(connection, events);
  const places = await produce(producer, topic, events);
  await markSent(connection, events, places);
  await applyEvents(connection, events, places, topic);
  return places;
}

const oldMs = systemClock.now() - 300_000;
const events = eventsOf(200, { createdAtMs: oldMs });
const nth = (index: number): PlantedEvent => {
  const event = events[index];
  if (event === undefined) throw new Error(`there are not ${index} events`);
  return event;
};
const [neverProduced, truncated, overwritten, passedOver] = [nth(11), nth(42), nth(73), nth(104)];
const neverKey = `never:${neverProduced.account}`;

async function plantLosses(connection: Connection): Promise<void> {
  for (const event of [neverProduced, truncated, overwritten, passedOver]) {
    await connection.query('DELETE FROM applied_effect WHERE dedup_key = ?', [keyOf(event)]);
    await connection.query('DELETE FROM processed_event WHERE dedup_key = ?', [keyOf(event)]);
  }
  // Committed, and its writer died before it produced: no outbox row, and no record with this key.
  await connection.query('DELETE FROM outbox_event WHERE dedup_key = ?', [keyOf(neverProduced)]);
  await connection.query("UPDATE ledger_entry SET tx_id = 'never' WHERE tx_id = ?", [neverProduced.tx]);
  // Sent to an offset that its log no longer reaches, and to one at which another event stands now.
  await connection.query('UPDATE outbox_event SET sent_offset = 100000 WHERE dedup_key = ?', [keyOf(truncated)]);
  await connection.query('UPDATE outbox_event SET sent_offset = sent_offset - 1 WHERE dedup_key = ?', [
    keyOf(overwritten),
  ]);
}

/** In retry, dead, skipped, not yet sent, folded in by a backfill, ahead of the consumer: three of each. */
async function plantHarmless({ connection, producer, kafka, topic, groupId }: OpenedPipeline): Promise<void> {
  // None of them is of an account that has a loss.
  const more = eventsOf(60, { createdAtMs: oldMs, prefix: 'm', firstSeq: 100 });
  const three = (at: number): readonly PlantedEvent[] => more.slice(at + 6, at + 9);
  const [folded, inRetry, dead, skipped, unsent, ahead] = [0, 10, 20, 30, 40, 50].map(three);
  if (!(inRetry && dead && skipped && unsent && folded && ahead)) throw new Error('there are too few events');
  await plantLegs(connection, [...inRetry, ...dead, ...skipped, ...unsent, ...folded, ...ahead]);
  await plantOutbox(connection, unsent);
  await plantOutbox(connection, skipped, 'SKIPPED');
  const passed = [...inRetry, ...dead, ...folded];
  await plantOutbox(connection, [...passed, ...ahead]);
  const places = await produce(producer, topic, passed);
  await markSent(connection, passed, places);
  await commitPlaces(kafka, { groupId, topic }, places);
  await markSent(connection, ahead, await produce(producer, topic, ahead));
  const failed = (event: PlantedEvent, rung: string, dueAt: string | null) =>
    connection.query(
      `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at, settled_at)
       SELECT 'balance-projector', ?, 0, COUNT(*), ?, 1, ?, 'transient', 'E', 'm', ?, ? FROM delivery_failure`,
      [topic, keyOf(event), rung, dueAt, dueAt === null ? '2026-01-01' : null],
    );
  for (const event of inRetry) await failed(event, 'retry.5s', '2030-01-01');
  for (const event of dead) await failed(event, 'dlq', null);
  for (const { account, seq } of folded) {
    await connection.query('UPDATE account_projection SET folded_seq = ? WHERE account_id = ?', [seq, account]);
  }
}

const isFilled = (rows: unknown): boolean => Array.isArray(rows) && rows.length > 0;

/** The first look into the topic fails. */
function onceWithoutRecords(target: LabTarget): LabTarget {
  let isFirst = true;
  const kafka = new Proxy(target.kafka, {
    get(of, name) {
      if (name === 'recordsAt' && isFirst) {
        isFirst = false;
        return () => Promise.reject(new EngineError('kafka', 'a broker was busy'));
      }
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  return { ...target, kafka };
}

async function letRetentionPass({ kafka, topic }: OpenedPipeline): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
  await admin.deleteTopicRecords({ topic, partitions });
  await admin.disconnect();
}

test('each kind of loss is found exactly among clean events, and nothing else is', async () => {
  const planted = await openedPipeline();
  const { target, connection, kafka, topic, groupId } = planted;
  expect(await asked(target)).toMatchObject({ status: 'unknown', counts: { ledgerRows: 0 } });
  await commitPlaces(kafka, { groupId, topic }, await flow(planted, events));
  const clean = await asked(target);
  expect(clean).toMatchObject({ status: 'clean', counts: { ledgerRows: 200, outboxRows: 200, lost: 0, pending: 0 } });

  // The group has committed it and still has it in hand: a handler that is slow is no loss, one that never ends is.
  const inHand = eventsOf(1, { createdAtMs: systemClock.now(), prefix: 'slow', firstSeq: 21 });
  await plantLegs(connection, inHand);
  await plantOutbox(connection, inHand);
  const place = await produce(planted.producer, topic, inHand);
  await markSent(connection, inHand, place);
  await commitPlaces(kafka, { groupId, topic }, place);
  expect(lostOf(await asked(target))).toEqual(['slow1:1 lostInConsumer']);
  const [patiently] = await Promise.all([
    asked(target, {}, { settleMs: 300, inHandMs: 20_000 }),
    systemClock.sleep(1_500).then(() => applyEvents(connection, inHand, place, topic)),
  ]);
  expect(patiently).toMatchObject({ status: 'clean', counts: { ledgerRows: 201, lost: 0 } });

  await plantHarmless(planted);
  const harmless = await asked(target);
  expect(harmless).toMatchObject({
    status: 'clean',
    counts: { lost: 0, inRetry: 3, dead: 3, skipped: 3, pending: 6, cannotTell: 0 },
  });

  // A broker that was busy for a moment leaves nothing open.
  expect(await asked(onceWithoutRecords(target))).toMatchObject({ status: 'clean', counts: { cannotTell: 0 } });

  await plantLosses(connection);
  const found = await asked(target);
  expect(lostOf(found)).toEqual(
    [
      `${neverKey} lostBeforeKafka`,
      `${keyOf(truncated)} lostInBroker`,
      `${keyOf(overwritten)} lostInBroker`,
      `${keyOf(passedOver)} lostInConsumer`,
    ].sort(),
  );
  expect(found.counts).toMatchObject({ lost: 4, inRetry: 3, dead: 3, expired: 0, cannotTell: 0, pending: 6 });
  const evidence = found.findings.find(({ trace }) => trace === keyOf(passedOver))?.evidence[0];
  const { tx, seq } = passedOver;
  expect(evidence).toMatchObject({ where: 'consumer', tx_id: tx, account_seq: String(seq), later_seq_applied: true });

  // Narrowed to one subject: the same rows, by index.
  const narrowed = await Promise.all([
    asked(target, { keys: [keyOf(passedOver)] }),
    asked(target, { txId: truncated.tx }),
    asked(target, { accountId: BigInt(neverProduced.account) }),
  ]);
  expect(narrowed.map(lostOf)).toEqual([
    [`${keyOf(passedOver)} lostInConsumer`],
    [`${keyOf(truncated)} lostInBroker`],
    [`${neverKey} lostBeforeKafka`],
  ]);
  expect((await asked(target, { txId: nth(1).tx })).status).toBe('clean');
  expect((await asked(target, { txId: 'no-such' })).status).toBe('unknown');

  // Retention takes everything: where only the topic could have told, it is expired now, not lost.
  await letRetentionPass(planted);
  const after = await asked(target);
  expect(lostOf(after)).toEqual([`${keyOf(truncated)} lostInBroker`]);
  expect(after.counts).toMatchObject({ lost: 1, inRetry: 3, dead: 3, expired: 6 });
});

test('a clean busy system is clean, and what is lost in it is found alone', async () => {
  const planted = await openedPipeline();
  const { target, connection, kafka, topic, groupId } = planted;
  const writer = await mysqlConnection({ endpoint: target.endpoints.mysql, database: target.roles.database });
  onTestFinished(() => writer.end());
  const stop = new AbortController();
  // Sent, then applied, then committed, as the pipeline does; at any moment something is at each stage.
  const busy = (async () => {
    for (let round = 1; !stop.signal.aborted; round++) {
      const some = eventsOf(20, { createdAtMs: systemClock.now(), prefix: `r${round}-`, firstSeq: 2 * round - 1 });
      await commitPlaces(kafka, { groupId, topic }, await flow({ ...planted, connection: writer }, some));
    }
  })();
  for (const _ of [1, 2, 3]) {
    await waitFor('rows', async () => (await asked(target)).status === 'clean', { timeoutMs: 30_000 });
    expect(await asked(target)).toMatchObject({ status: 'clean', counts: { lost: 0, cannotTell: 0 } });
    const counts = await readOnce({ probe: pipelineCounts, target, before: undefined });
    expect(counts.status === 'ok' && pipelineCounts.judge(counts.value)).toEqual([]);
  }
  const secondRound = async () =>
    (await connection.query("SELECT 1 FROM applied_effect WHERE dedup_key = 'r2-1:1'"))[0];
  await waitFor('the first round to be committed', async () => isFilled(await secondRound()), { timeoutMs: 60_000 });
  await connection.query("DELETE FROM applied_effect WHERE dedup_key = 'r1-3:3'");
  await connection.query("DELETE FROM processed_event WHERE dedup_key = 'r1-3:3'");
  expect(lostOf(await asked(target))).toEqual(['r1-3:3 lostInConsumer']);
  stop.abort();
  await busy;
});

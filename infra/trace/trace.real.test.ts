import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { labTarget } from '../target.ts';
import { openedPipeline } from '../testing/opened-scope.ts';
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
import { traceEvent } from './trace.ts';

vi.setConfig({ testTimeout: 120_000 });

test('where one event is, at each place where it may stop', async () => {
  const { scope, target, connection, kafka, producer, topic } = await openedPipeline();
  const events = eventsOf(12, { createdAtMs: systemClock.now() - 120_000 });
  await plantLegs(connection, events);
  const [complete, unproduced, retrying, dead, passed, waiting, cutOff, unsent] = events;
  if (!(complete && unproduced && retrying && dead && passed && waiting && cutOff && unsent))
    throw new Error('too few');
  const inOutbox = events.filter((event) => event !== unproduced);
  await plantOutbox(connection, inOutbox);
  const sent = inOutbox.filter((event) => event !== unsent);
  const places = await produce(producer, topic, sent);
  await markSent(connection, sent, places);
  const placeOf = (event: PlantedEvent) => places[sent.indexOf(event)] ?? { partition: 0, offset: '0' };
  await applyEvents(connection, [complete], [placeOf(complete)], topic);
  await commitPlaces(
    kafka,
    { groupId: scope.groups.projector, topic },
    [complete, retrying, dead, passed].map(placeOf),
  );
  await connection.query('UPDATE outbox_event SET sent_offset = 9000 WHERE dedup_key = ?', [keyOf(cutOff)]);
  for (const [event, rung, due] of [
    [retrying, 'retry.5s', '2030-01-01 00:00:00'],
    [dead, 'dlq', null],
  ] as const) {
    await connection.query(
      `INSERT INTO delivery_failure (consumer, topic, partition_id, record_offset, dedup_key, attempt, rung, class, exception, message, due_at)
       VALUES ('balance-projector', ?, ?, ?, ?, 1, ?, 'transient', 'TimeoutError', 'too slow', ?)`,
      [topic, placeOf(event).partition, placeOf(event).offset, keyOf(event), rung, due],
    );
  }

  const endOf = async (event: PlantedEvent) => {
    const { events: traced } = await traceEvent(target, keyOf(event));
    const [end] = traced.map((one) => one.end);
    return `${end?.is} ${end?.at}`;
  };
  expect(await endOf(complete)).toBe('complete effects');
  expect(await endOf(unproduced)).toBe('stopped ledger');
  expect(await endOf(retrying)).toBe('inFlight deliveries');
  expect(await endOf(dead)).toBe('stopped deadLetter');
  expect(await endOf(passed)).toBe('stopped record');
  expect(await endOf(waiting)).toBe('inFlight record');
  expect(await endOf(cutOff)).toBe('stopped outbox');
  expect(await endOf(unsent)).toBe('stopped outbox');

  const whole = await traceEvent(target, complete.tx);
  expect(whole).toMatchObject({ as: 'tx_id', events: [{ dedupKey: keyOf(complete) }] });
  const statuses = whole.events[0]?.stages.map(({ stage, status }) => `${stage} ${status}`);
  expect(statuses).toEqual([
    'ledger there',
    'outbox there',
    'decisions none',
    'record there',
    'deliveries none',
    'deadLetter none',
    'processed there',
    'archive none',
    'effects there',
    'projection there',
    'cache none',
  ]);
  const record = whole.events[0]?.stages.find(({ stage }) => stage === 'record');
  expect(record).toMatchObject({
    rows: [{ there: 'found', dedup_key: keyOf(complete), key: String(complete.account) }],
  });

  expect((await traceEvent(target, `e-${keyOf(passed)}`)).as).toBe('event_id');
  const nothing = await traceEvent(target, 'no-such-event');
  expect(nothing.events).toEqual([]);
  expect(nothing.searched.map(({ found }) => found)).toEqual(Array(4).fill({ known: true, value: 0 }));
});

test('an engine that is down makes its own part unknown', async () => {
  const { scope, target, connection, producer, topic } = await openedPipeline();
  const events = eventsOf(1, { createdAtMs: systemClock.now() });
  await plantLegs(connection, events);
  await plantOutbox(connection, events);
  await markSent(connection, events, await produce(producer, topic, events));
  const without = labTarget(
    { ...target.endpoints, kafka: ['127.0.0.1:1'], redis: { host: '127.0.0.1', port: 1 } },
    scope.name,
  );
  onTestFinished(() => without.close());
  const [traced] = (await traceEvent(without, 't1:1')).events;
  expect(traced?.end.is).toBe('unknown');
  const statusOf = (name: string) => traced?.stages.find(({ stage }) => stage === name)?.status;
  expect(['outbox', 'record', 'cache'].map(statusOf)).toEqual(['there', 'unknown', 'unknown']);
});

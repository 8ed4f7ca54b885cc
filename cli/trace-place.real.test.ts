import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../infra/clock.ts';
import { headersOf } from '../infra/contract/headers.ts';
import { ownTarget } from '../infra/target.ts';
import { commitOffsets } from '../infra/testing/commit-offsets.ts';
import { type OpenedPipeline, openedPipeline } from '../infra/testing/opened-scope.ts';
import { applyEvents, commitPlaces, eventsOf, keyOf, plantLegs, produce } from '../infra/testing/plant-pipeline.ts';
import { beginTransaction } from '../infra/testing/plant-transactions.ts';
import { type Traced, traceEvent } from '../infra/trace/trace.ts';
import { trace } from './commands/trace.ts';
import { runOnScope } from './testing/on-scope.ts';

vi.setConfig({ testTimeout: 120_000 });

const message = (partition: number, dedupKey: string) => ({
  partition,
  key: 'k',
  value: dedupKey,
  headers: headersOf({ eventType: 'BalanceChanged', eventId: `e-${dedupKey}`, dedupKey, schemaVersion: 1 }),
});

/**
 * p0: one of a committed transaction and its marker; two of an aborted one and its marker; one that is open, and a plain
 * one behind it. p1: ten plain ones, of which four are deleted, and one that does not say which event it is.
 */
async function plantLog({ kafka, producer, topic, groupId }: OpenedPipeline): Promise<void> {
  // In a new cluster the first look for a group's coordinator only makes it.
  await commitOffsets(kafka, { groupId, topic }, [{ partition: 5, offset: '0' }]);
  const first = await beginTransaction(kafka, `${topic}.a`);
  await first.transaction.send({ topic, messages: [message(0, 'committed:1')] });
  await first.transaction.commit();
  const aborted = await first.producer.transaction();
  await aborted.send({ topic, messages: [message(0, 'aborted:1'), message(0, 'aborted:2')] });
  await aborted.abort();
  const second = await beginTransaction(kafka, `${topic}.b`);
  onTestFinished(() => second.transaction.abort());
  await second.transaction.send({ topic, messages: [message(0, 'open:1')] });
  const plain = Array.from({ length: 10 }, (_, index) => message(1, `plain:${index}`));
  const messages = [message(0, 'behind:1'), ...plain, { partition: 1, value: 'nameless' }];
  await producer.send({ topic, acks: -1, messages });
  const admin = kafka.admin();
  await admin.connect();
  await admin.fetchTopicOffsets(topic); // kafkajs deletes records only of topics whose metadata it has
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 1, offset: '4' }] });
  await admin.disconnect();
}

function told({ place, as, events }: Traced): string {
  const end = events.map((event) => `, ${event.dedupKey} ${event.end.is} ${event.end.at}`).join('');
  if (place?.seen.known !== true) return `${as} ? ${place?.seen.reason}${end}`;
  const { value } = place.seen;
  if (value.is === 'marker') return `${value.is} ${value.marker}${end}`;
  if (value.is !== 'record') return `${value.is}${end}`;
  return `record ${value.transaction?.outcome ?? 'plain'}${value.isHeld ? ' held' : ''}${end}`;
}

test('what stands at a place of a topic, and the way of the event whose record it is', async () => {
  const opened = await openedPipeline();
  const { scope, topic, groupId, kafka, connection, producer } = opened;
  await plantLog(opened);
  const run = (event: string) => runOnScope(trace, { event }, { endpoints: inject('endpoints'), scope: scope.name });
  const at = async (place: string) => {
    const { exitCode, document } = await run(`${topic}/${place}`);
    return `${exitCode}: ${told(document as unknown as Traced)}`;
  };
  expect(await at('0/0')).toBe('0: record committed, committed:1 inFlight record');
  expect(await at('0/1')).toBe('2: marker commit');
  // Nobody who reads committed is given these two: they end here.
  expect(await at('0/2')).toBe('1: record aborted');
  expect(await at('0/3')).toBe('1: record aborted');
  expect(await at('0/4')).toBe('2: marker abort');
  expect(await at('0/5')).toBe('0: record open held, open:1 inFlight record');
  expect(await at('0/6')).toBe('0: record plain held, behind:1 inFlight record');
  expect(await at('0/7')).toBe('2: beyond');
  expect(await at('1/3')).toBe('2: deleted');
  expect(await at('1/4')).toBe('0: record plain, plain:4 inFlight record');
  expect(await at('1/10')).toBe('2: record plain');
  expect(await at('77/0')).toBe('2: undefined ? there is no such partition');
  const nowhere = await run('no.such-topic_here/0/0');
  expect(nowhere.exitCode).toBe(2);
  expect(await nowhere.text()).toContain('no event is known as "no.such-topic_here/0/0"');

  // As the tables know it: applied, or passed by its consumer and applied nowhere.
  const [applied, passed] = eventsOf(2, { createdAtMs: systemClock.now() - 1_000 });
  if (applied === undefined || passed === undefined) throw new Error('too few');
  await plantLegs(connection, [applied, passed]);
  const places = await produce(producer, topic, [applied, passed]);
  await applyEvents(connection, [applied], places.slice(0, 1), topic);
  await commitPlaces(kafka, { groupId, topic }, places);
  const [there, here] = places.map(({ partition, offset }) => `${partition}/${offset}`);
  expect(await at(there ?? '')).toBe(`0: record plain, ${keyOf(applied)} complete effects`);
  expect(await at(here ?? '')).toBe(`1: record plain, ${keyOf(passed)} stopped record`);
  await expectOnOwnStack(topic);
});

/** Where only Kafka is named: the record itself, and why its event cannot be followed. */
async function expectOnOwnStack(topic: string): Promise<void> {
  const own = ownTarget({
    profile: 'own',
    endpoints: { kafka: inject('endpoints').kafka },
    roles: { database: '', topics: {}, groups: {} },
    checks: [],
  });
  onTestFinished(() => own.close());
  const traced = await traceEvent(own, `${topic}/1/5`);
  expect(told(traced)).toBe('record plain');
  expect(traced).toMatchObject({
    searched: [{ found: { known: false, reason: 'not mapped' } }],
    place: {
      seen: { value: { key: 'k', headers: expect.arrayContaining([{ name: 'dedup_key', value: 'plain:5' }]) } },
    },
  });
}

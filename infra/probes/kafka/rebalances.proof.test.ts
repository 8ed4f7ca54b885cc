import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../clock.ts';
import type { Answer } from '../../diagnoses/diagnosis.ts';
import { rebalance } from '../../diagnoses/rebalance.ts';
import { diagnose } from '../../diagnoses/run.ts';
import { type KafkaTools, kafkaTools } from '../../testing/kafka-tools.ts';
import { findingsOf, joined, ownGroup } from '../../testing/own-group.ts';
import { known } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { kafkaConsumerConfig } from './consumer-config.ts';
import { kafkaRebalances } from './rebalances.ts';

let tools: KafkaTools;

beforeAll(async () => {
  tools = await kafkaTools(inject('config'));
}, 600_000);

/** Kinds of what is found about a group. */
const ofGroup = ({ findings }: Answer, groupId: string): readonly string[] =>
  findings.filter(({ text }) => text.en.includes(groupId)).map(({ kind }) => kind);

test('members who come and go: who it was, and the storm; the diagnosis says so', async () => {
  const context = await ownGroup();
  await joined(context);
  await waitFor('the group to stand', async () => (await context.look())?.generation.known === true, {
    timeoutMs: 30_000,
  });
  expect(findingsOf(context)).toEqual([]);
  const calm = await diagnose({ diagnosis: rebalance, target: context.target });
  expect(ofGroup(calm, context.groupId)).toEqual([]);
  for (let rounds = 0; rounds < 10 && !findingsOf(context).includes('storm'); rounds++) {
    await (await joined(context))();
    await context.look();
  }
  const stormy = await waitFor(
    'the last rebalance to be told',
    async () => {
      const group = await context.look();
      return findingsOf(context).length === 2 && group?.state.known && group.state.value === 'Stable'
        ? group
        : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(stormy.returned.map(({ clientId }) => clientId)).toEqual(['test.member']);
  expect(findingsOf(context)).toEqual(['storm', 'returned']);
  const answer = await diagnose({ diagnosis: rebalance, target: context.target });
  expect(answer.status).toBe('finding');
  expect(ofGroup(answer, context.groupId)).toEqual(['storm', 'returned']);
});

test('the timeouts of a group are those in the last record that Kafka’s own formatter shows', async () => {
  const context = await ownGroup();
  await joined(context);
  const of = { ...context.target, roles: { ...context.target.roles, groups: { own: context } } };
  const reading = await readOnce({ probe: kafkaConsumerConfig, target: of, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  const [group] = reading.value.groups;
  expect(group).toMatchObject({ sessionTimeoutMs: known(3_000), rebalanceTimeoutMs: known(4_000) });
  const command = kafkaConsumerConfig.verifyWith(of).at(-1)?.command ?? '';
  const records = (await tools.run(command))
    .replaceAll('}{', '}\n{')
    .split('\n')
    .filter((line) => line.includes(context.groupId));
  const last: unknown = JSON.parse(records.findLast((line) => line.includes('sessionTimeout')) ?? 'null');
  expect(last).toMatchObject({ value: { data: { members: [{ sessionTimeout: 3_000, rebalanceTimeout: 4_000 }] } } });
});

test('a handler slower than its session is thrown out and comes back', async () => {
  const context = await ownGroup();
  const producer = context.kafka.producer();
  await producer.connect();
  // On every leader: a fetch that finds nothing would keep the session alive.
  const messages = Array.from({ length: 6 }, (_, partition) => ({ partition, value: 'x' }));
  await producer.send({ topic: context.topic, acks: -1, messages });
  await producer.disconnect();
  await joined(context, 5_000);
  const thrownOut = await waitFor(
    'the slow member to have been thrown out and to be back, and that again: once would be a restart',
    async () => {
      const group = await context.look();
      return (group?.returned[0]?.times ?? 0) > 1 ? group : undefined;
    },
    { timeoutMs: 120_000, intervalMs: 500 },
  );
  expect(thrownOut.returned[0]?.clientId).toBe('test.member');
  const told = thrownOut.events.filter(({ kind }) => kind !== 'state').map(({ kind }) => kind);
  // It may be back under a new id before the old one is given up.
  expect(new Set(told.filter((kind) => kind !== 'generation').slice(-2))).toEqual(new Set(['left', 'joined']));
  const answer = await diagnose({ diagnosis: rebalance, target: context.target });
  expect(ofGroup(answer, context.groupId)).toContain('returned');
});

test('a KIP-848 group: its epochs, its assignor, and who comes', async () => {
  const context = await ownGroup();
  const brokers = context.target.endpoints.kafka.join(',');
  const line = `kafka-console-consumer --bootstrap-server ${brokers} --topic ${context.topic} --group ${context.groupId} --consumer-property group.protocol=consumer`;
  onTestFinished(await tools.start(line));
  const group = await waitFor(
    'the member to be there',
    async () => {
      const seen = await context.look();
      const assigned = seen?.members.known === true && (seen.members.value[0]?.partitions ?? 0) > 0;
      return assigned ? seen : undefined;
    },
    { timeoutMs: 90_000, intervalMs: 300 },
  );
  expect(group).toMatchObject({ type: known('consumer'), state: known('Stable'), assignor: known('uniform') });
  expect(group.generation.known && group.generation.value).toBeGreaterThanOrEqual(1);
  // The coordinator's default, and the Java client's max.poll.interval.ms.
  expect(group.members).toMatchObject({
    value: [{ sessionTimeoutMs: known(45_000), rebalanceTimeoutMs: known(300_000) }],
  });
  expect(findingsOf(context)).toEqual([]);
  const target = { ...context.target, roles: { ...context.target.roles, groups: { own: context } } };
  const [state = ''] = kafkaRebalances.verifyWith(target).map(({ command }) => command);
  const told = (await tools.run(state)).split('\n').find((one) => one.startsWith(context.groupId)) ?? '';
  const epoch = group.generation.known ? group.generation.value : -1;
  expect(told).toMatch(new RegExp(`uniform +Stable +${epoch} +${group.assignmentEpoch} +1`));
});

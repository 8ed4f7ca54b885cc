import type { Kafka } from 'kafkajs';
import { beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { type KafkaTools, kafkaTools } from '../testing/kafka-tools.ts';
import { rpcsPerBrokerMax } from './kafka-group-lag-read.ts';
import { type GroupRebalances, type KafkaRebalances, kafkaRebalances } from './kafka-rebalances.ts';
import { known, type Reading } from './reading.ts';
import { readOnce } from './sampler.ts';

vi.setConfig({ testTimeout: 180_000 });

let tools: KafkaTools;

beforeAll(async () => {
  tools = await kafkaTools(inject('config'));
}, 600_000);

interface Prepared {
  /** Of an own stack: no role is mapped. */
  readonly target: LabTarget;
  readonly topic: string;
  readonly groupId: string;
  readonly kafka: Kafka;
  /** One more reading of the group, continuing from the one before. */
  look(): Promise<GroupRebalances | undefined>;
  value(): KafkaRebalances;
}

async function prepared(): Promise<Prepared> {
  const endpoints = inject('endpoints');
  const { name, topics } = await freshScope(endpoints);
  const lab = labTarget(endpoints, name);
  onTestFinished(() => lab.close());
  const target = { ...lab, roles: { database: '', topics: {}, groups: {} } };
  const groupId = `${name}.own`;
  let before: Reading<KafkaRebalances> | undefined;
  return {
    target,
    topic: topics.events,
    groupId,
    kafka: kafkaClient({ brokers: endpoints.kafka, clientId: 'test.member' }),
    async look() {
      before = await readOnce({ probe: kafkaRebalances, target, before });
      return before.status === 'ok' ? before.value.groups.find((group) => group.groupId === groupId) : undefined;
    },
    value() {
      if (before?.status !== 'ok') throw new Error('unknown');
      return before.value;
    },
  };
}

async function joined({ kafka, topic, groupId }: Prepared, handlerMs = 0): Promise<() => Promise<void>> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 3_000,
    rebalanceTimeout: 4_000,
    heartbeatInterval: 300,
    maxWaitTimeInMs: 200,
  });
  const isIn = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachBatch: async () => void (handlerMs > 0 && (await systemClock.sleep(handlerMs))),
  });
  await isIn;
  let left = false;
  const leave = async (): Promise<void> => {
    if (left) return;
    left = true;
    await consumer.disconnect();
  };
  onTestFinished(leave);
  return leave;
}

const findingsOf = ({ value, groupId }: Prepared): readonly string[] =>
  kafkaRebalances
    .judge(value())
    .filter(({ text }) => text.en.includes(groupId))
    .map(({ key }) => key.split('.').at(-1) ?? '');

test('a group that stands, then members who come and go: generations, timeouts, who it was, and the storm', async () => {
  const context = await prepared();
  await joined(context);
  const standing = await waitFor(
    'the generation to be read',
    async () => {
      const group = await context.look();
      return group?.generation.known === true && group.state.known && group.state.value === 'Stable'
        ? group
        : undefined;
    },
    { timeoutMs: 30_000 },
  );
  expect(standing).toMatchObject({ type: known('classic'), assignor: known('RoundRobinAssigner') });
  expect(standing.members).toMatchObject(
    known([
      { clientId: 'test.member', partitions: 6, sessionTimeoutMs: known(3_000), rebalanceTimeoutMs: known(4_000) },
    ]),
  );
  expect(findingsOf(context)).toEqual([]);
  expect(context.value().rpcs.mostOnOneBroker).toBeLessThanOrEqual(rpcsPerBrokerMax);

  const [state = '', members = ''] = kafkaRebalances
    .verifyWith({ ...context.target, roles: { ...context.target.roles, groups: { own: context } } })
    .map(({ command }) => command);
  const line = (output: string) => output.split('\n').find((one) => one.startsWith(context.groupId)) ?? '';
  expect(line(await tools.run(state))).toMatch(/RoundRobinAssigner +Stable .*\b1\b/);
  expect(line(await tools.run(members))).toMatch(/test\.member-\S+ +\/127\.0\.0\.1 +test\.member +6 /);

  const first = standing.generation.known ? standing.generation.value : 0;
  let rounds = 0;
  while (rounds < 10 && !findingsOf(context).includes('storm')) {
    rounds += 1;
    await (await joined(context))();
    await context.look();
  }
  const stormy = await waitFor(
    'the last rebalance to be told',
    async () => {
      const group = await context.look();
      return group?.generation.known === true && group.generation.value === first + 2 * rounds ? group : undefined;
    },
    { timeoutMs: 30_000 },
  );
  const kinds = stormy.events.filter(({ kind }) => kind !== 'state').map(({ kind }) => kind);
  expect(kinds.slice(-4)).toEqual(['generation', 'joined', 'generation', 'left']);
  expect(stormy.returned).toEqual([{ clientId: 'test.member', times: rounds - 1 }]);
  expect(findingsOf(context)).toEqual(['storm', 'returned']);
});

test('a handler slower than its session is thrown out and comes back', async () => {
  const context = await prepared();
  const producer = context.kafka.producer();
  await producer.connect();
  // On every leader: a fetch that finds nothing would keep the session alive.
  const messages = Array.from({ length: 6 }, (_, partition) => ({ partition, value: 'x' }));
  await producer.send({ topic: context.topic, acks: -1, messages });
  await producer.disconnect();
  await joined(context, 5_000);
  const thrownOut = await waitFor(
    'the slow member to have been thrown out and to be back',
    async () => {
      const group = await context.look();
      return (group?.returned.length ?? 0) > 0 ? group : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
  expect(thrownOut.returned[0]?.clientId).toBe('test.member');
  const told = thrownOut.events.filter(({ kind }) => kind !== 'state').map(({ kind }) => kind);
  expect(told.filter((kind) => kind !== 'generation').slice(-2)).toEqual(['left', 'joined']);
});

test('a KIP-848 group: its epochs, its assignor, and who comes', async () => {
  const context = await prepared();
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
  expect(findingsOf(context)).toEqual([]);
  const target = { ...context.target, roles: { ...context.target.roles, groups: { own: context } } };
  const [state = ''] = kafkaRebalances.verifyWith(target).map(({ command }) => command);
  const told = (await tools.run(state)).split('\n').find((one) => one.startsWith(context.groupId)) ?? '';
  const epoch = group.generation.known ? group.generation.value : -1;
  expect(told).toMatch(new RegExp(`uniform +Stable +${epoch} +${group.assignmentEpoch} +1`));
});

import { beforeAll, expect, inject, test, vi } from 'vitest';
import { waitFor } from '../../clock.ts';
import { rpcsPerBrokerMax } from '../../kafka/pace.ts';
import { type KafkaTools, kafkaTools } from '../../testing/kafka-tools.ts';
import { findingsOf, joined, ownGroup } from '../../testing/own-group.ts';
import { known } from '../reading.ts';
import { kafkaRebalances } from './rebalances.ts';

vi.setConfig({ testTimeout: 180_000 });

let tools: KafkaTools;

beforeAll(async () => {
  tools = await kafkaTools(inject('config'));
}, 600_000);

test('a group that stands: its generation, timeouts and members, as Kafka’s own tool tells them', async () => {
  const context = await ownGroup();
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
});

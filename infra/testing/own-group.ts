import type { Kafka } from 'kafkajs';
import { inject, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type GroupRebalances, type KafkaRebalances, kafkaRebalances } from '../probes/kafka/rebalances.ts';
import type { Reading } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import { type LabTarget, labTarget } from '../target.ts';
import { freshScope } from './fresh-scope.ts';

/** A group of a fresh scope's topic, looked at as on an own stack. */
export interface OwnGroup {
  /** Of an own stack: no role is mapped. */
  readonly target: LabTarget;
  readonly topic: string;
  readonly groupId: string;
  readonly kafka: Kafka;
  /** One more reading of the group, continuing from the one before. */
  look(): Promise<GroupRebalances | undefined>;
  value(): KafkaRebalances;
}

export async function ownGroup(): Promise<OwnGroup> {
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

/** A member whose session is short; returns how it leaves. */
export async function joined({ kafka, topic, groupId }: OwnGroup, handlerMs = 0): Promise<() => Promise<void>> {
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

/** Kinds of what is found about the group. */
export const findingsOf = ({ value, groupId }: OwnGroup): readonly string[] =>
  kafkaRebalances
    .judge(value())
    .filter(({ text }) => text.en.includes(groupId))
    .map(({ key }) => key.split('.').at(-1) ?? '');

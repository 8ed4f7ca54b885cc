import { inject, onTestFinished } from 'vitest';
import { kafkaClient } from '../kafka/client.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import { labTarget } from '../target.ts';
import { freshScope } from './fresh-scope.ts';

/** A fresh scope with its target, and a connection that may plant in its database; all of it ends with the test. */
export async function openedScope() {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  onTestFinished(async () => {
    await Promise.all([target.close(), connection.end()]);
  });
  return { scope, target, connection };
}

/** The same, with a producer for its topics. */
export async function openedPipeline() {
  const opened = await openedScope();
  const kafka = kafkaClient({ brokers: inject('endpoints').kafka, clientId: 'test.pipeline' });
  const producer = kafka.producer();
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  const { topics, groups } = opened.scope;
  return { ...opened, kafka, producer, topic: topics.events, groupId: groups.projector };
}

export type OpenedPipeline = Awaited<ReturnType<typeof openedPipeline>>;

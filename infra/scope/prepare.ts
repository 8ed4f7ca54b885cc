import type { Scope } from '../contract/scope.ts';
import { kafkaClient } from '../kafka/client.ts';
import { createTopics, topicsOf } from '../kafka/topics.ts';
import { migrate } from '../mysql/migrate.ts';
import { balanceCodec } from '../registry/codec.ts';
import type { Endpoints } from '../stack/stack.ts';

/** What was made now; empty lists when all of it was there. */
export interface Prepared {
  readonly migrations: readonly string[];
  readonly topics: readonly string[];
}

/**
 * Makes a scope usable: its database with all migrations, its topics, its schema. Idempotent.
 * @throws EngineError naming the engine that could not serve.
 */
export async function prepareScope(endpoints: Endpoints, scope: Scope): Promise<Prepared> {
  const kafka = kafkaClient({ brokers: endpoints.kafka, clientId: scope.clientId('prepare', process.pid) });
  const [migrations, topics] = await Promise.all([
    migrate(endpoints.mysql, scope.database),
    createTopics(kafka, topicsOf(scope)),
    balanceCodec(endpoints.registry, scope.topics.events),
  ]);
  return { migrations, topics };
}

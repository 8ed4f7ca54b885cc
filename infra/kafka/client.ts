import { createRequire } from 'node:module';
import type { Kafka } from 'kafkajs';
import { patchKafkajs } from './patches.ts';

export interface KafkaClientOptions {
  readonly brokers: readonly string[];
  /** `<scope>.<worker>.<pid>` for workers, so that a dead one's group member can be found. */
  readonly clientId: string;
  readonly connectionTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

/**
 * A kafkajs client, patched first. Its own retries are few and short: whoever calls decides what to do about a failure,
 * and a broker that is down must show within seconds.
 */
export function kafkaClient({
  brokers,
  clientId,
  connectionTimeoutMs = 1_000,
  requestTimeoutMs = 10_000,
}: KafkaClientOptions): Kafka {
  patchKafkajs();
  const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs');
  return new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
  });
}

import { createRequire } from 'node:module';
import type { Kafka, SASLOptions } from 'kafkajs';
import type { KafkaSecurity } from '../stack/stack.ts';
import { tlsOptions } from '../tls.ts';
import { registerCodecs } from './codecs.ts';
import { patchKafkajs } from './patches.ts';

export interface KafkaClientOptions {
  readonly brokers: readonly string[];
  /** `<scope>.<worker>.<pid>` for workers, so that a dead one's group member can be found. */
  readonly clientId: string;
  /** Absent: in the clear, and nobody logs in. */
  readonly security?: KafkaSecurity | undefined;
  readonly connectionTimeoutMs?: number;
  readonly requestTimeoutMs?: number;
}

/**
 * A kafkajs client, patched first, that reads what any producer has compressed. Its own retries are few and short: whoever calls decides what to do about a failure,
 * and a broker that is down must show within seconds.
 */
export function kafkaClient({
  brokers,
  clientId,
  security,
  connectionTimeoutMs = 1_000,
  requestTimeoutMs = 10_000,
}: KafkaClientOptions): Kafka {
  patchKafkajs();
  registerCodecs();
  const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs');
  return new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    ...(security?.tls === undefined ? {} : { ssl: tlsOptions(security.tls) }),
    ...(security?.sasl === undefined ? {} : { sasl: saslOptions(security.sasl) }),
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 5 },
  });
}

function saslOptions({ mechanism, user, password }: NonNullable<KafkaSecurity['sasl']>): SASLOptions {
  return { mechanism, username: user, password } as SASLOptions; // one shape, which kafkajs types once a mechanism
}

import { describe, expect, test } from 'vitest';
import type { EngineAnswer, EngineHealth } from '../../../infra/probes/stack/health.ts';
import { plantedStack } from '../testing/planted.ts';
import { texts } from '../testing/rows-context.ts';
import { serviceLine, servicesOf } from './services.ts';

const down: EngineAnswer = { serves: false, reason: 'refused' };
const unasked: EngineAnswer = { serves: 'unknown', reason: 'nobody to ask' };
const shown = (answers: Readonly<Record<string, EngineAnswer>>, wide = true) =>
  texts(
    servicesOf({ status: 'ok', value: plantedStack(answers), takenAtMs: 0 }).map((service) =>
      serviceLine(service, wide),
    ),
  ).join(', ');

describe('the engines in the status line', () => {
  test.each([
    ['all serve', {}, 'kafka 3/3, mysql ok, redis ok, registry ok'],
    ['a broker is down', { 'kafka-2': down }, 'kafka 2/3 ✗, mysql ok, redis ok, registry ok'],
    // The brokers serve, and yet something is wrong with Kafka.
    ['the controller is down', { 'kafka-controller': down }, 'kafka 3/3 ✗, mysql ok, redis ok, registry ok'],
    ['a broker cannot be asked', { 'kafka-1': unasked }, 'kafka 2+?/3 ?, mysql ok, redis ok, registry ok'],
    ['one engine is down', { redis: down }, 'kafka 3/3, mysql ok, redis down, registry ok'],
  ])('%s', (_, answers, expected) => expect(shown(answers)).toBe(expected));

  test('without room for words a mark says it', () => {
    expect(shown({ mysql: down }, false)).toBe('kafka 3/3, mysql ✗, redis ✓, registry ✓');
  });

  test('engines on demand come where they were started', () => {
    const node = (n: number, answer: EngineAnswer): EngineHealth => ({
      name: `redis-cluster-${n}`,
      engine: 'redis-cluster',
      endpoint: `127.0.0.1:1700${n}`,
      answer,
      process: { state: 'running' },
    });
    const serves: EngineAnswer = { serves: true, latencyMs: 1, detail: 'cluster_state:ok' };
    const cluster = [1, 2, 3, 4, 5, 6].map((n) => node(n, n === 2 ? down : serves));
    const value = { engines: [...plantedStack().engines, ...cluster] };
    const services = servicesOf({ status: 'ok', value, takenAtMs: 0 });
    expect(texts(services.map((service) => serviceLine(service, true)))).toEqual([
      ...['kafka 3/3', 'mysql ok', 'redis ok', 'registry ok'],
      'redis-cluster 5/6 ✗',
    ]);
  });

  test('what is not known is ?, never 0', () => {
    const last = { value: plantedStack(), takenAtMs: 0 };
    const unknown = servicesOf({ status: 'unknown', reason: 'timed out', sinceMs: 0, last });
    expect(texts(unknown.map((service) => serviceLine(service, true)))).toEqual([
      'kafka ?/3 ?',
      'mysql ?',
      'redis ?',
      'registry ?',
    ]);
    expect(texts(servicesOf(undefined).map((service) => serviceLine(service, true))).join(' ')).not.toContain('0');
  });
});

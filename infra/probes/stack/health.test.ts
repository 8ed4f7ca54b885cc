import { expect, test } from 'vitest';
import { type EngineAnswer, type EngineHealth, stackHealth } from './health.ts';

const serves: EngineAnswer = { serves: true, latencyMs: 1.2, detail: 'sees 3 brokers' };
const engine = (name: string, answer: EngineAnswer, process?: EngineHealth['process']): EngineHealth => ({
  name,
  engine: 'kafka',
  endpoint: '127.0.0.1:19092',
  answer,
  process,
});

test('silent when every engine answers, slow or not', () => {
  expect(
    stackHealth.judge({ engines: [engine('kafka-1', serves), engine('mysql', { ...serves, latencyMs: 900 })] }),
  ).toEqual([]);
});

test('one that does not serve is found by its name, with the reason', () => {
  const refused: EngineAnswer = { serves: false, reason: 'broker 127.0.0.1:19094 cannot be reached (ECONNREFUSED)' };
  const [finding, ...rest] = stackHealth.judge({ engines: [engine('kafka-1', serves), engine('kafka-2', refused)] });
  expect(rest).toEqual([]);
  expect(finding).toMatchObject({ key: 'engine.kafka-2', severity: 'critical' });
  expect(finding?.text.en).toContain('ECONNREFUSED');
});

test('a process that is gone is said to be gone', () => {
  const gone = engine('redis', { serves: false, reason: 'ECONNREFUSED' }, { state: 'dead' });
  expect(stackHealth.judge({ engines: [gone] })[0]?.text.en).toBe('the process of redis is gone');
});

test('what nobody could ask is no finding of its own', () => {
  const unasked: EngineAnswer = { serves: 'unknown', reason: 'no broker answers' };
  expect(stackHealth.judge({ engines: [engine('kafka-controller', unasked)] })).toEqual([]);
});

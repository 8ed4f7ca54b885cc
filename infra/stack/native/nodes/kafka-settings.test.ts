import { expect, test } from 'vitest';
import { portsFor } from '../../ports.ts';
import { brokerSettings, controllerSettings, log4jSettings, renderProperties } from './kafka-settings.ts';

test('brokers and controller name the same quorum, on the moved ports', () => {
  const ports = portsFor(300);
  const controller = controllerSettings(ports, 'data/controller');
  const broker = brokerSettings(2, ports, 'data/kafka-2');
  expect(controller['controller.quorum.voters']).toBe('100@127.0.0.1:19398');
  expect(broker['controller.quorum.voters']).toBe(controller['controller.quorum.voters']);
  expect(broker.listeners).toBe('PLAINTEXT://127.0.0.1:19394');
  expect(broker['advertised.listeners']).toBe(broker.listeners);
});

test('every listener is on the loopback address', () => {
  const ports = portsFor(0);
  for (const settings of [controllerSettings(ports, 'd'), brokerSettings(1, ports, 'd')]) {
    expect(settings.listeners).toMatch(/\/\/127\.0\.0\.1:/);
  }
});

test('no broker setting overrides what topics set for themselves: a new 4.x cluster refuses min.insync.replicas there', () => {
  expect(brokerSettings(1, portsFor(0), 'd')).not.toHaveProperty('min.insync.replicas');
});

test('a path with Hangul and a backslash is read back by java.util.Properties', () => {
  expect(renderProperties({ 'log.dirs': '랩\\x' })).toBe('log.dirs=\\ub7a9\\\\x\n');
});

test('the log is bounded', () => {
  expect(log4jSettings['appender.file.policies.size.size']).toBe('8MB');
  expect(log4jSettings['appender.file.strategy.max']).toBe(1);
});

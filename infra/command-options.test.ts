import { expect, test } from 'vitest';
import { commandOn } from './command-options.ts';

const options = '--kafka broker:9092';

test.each([
  ['the lab needs none', 'labctl get kafka.isr', '', 'labctl get kafka.isr'],
  ['another stack is named', 'labctl get kafka.isr -w', options, `labctl get kafka.isr -w ${options}`],
  ['once is enough', `labctl get kafka.isr ${options}`, options, `labctl get kafka.isr ${options}`],
  ['what would change the lab is not for it', 'labctl outbox retry 7', options, undefined],
  ['other programs know nothing of it', 'redis-cli -p 1 INFO', options, 'redis-cli -p 1 INFO'],
] as const)('%s', (_, command, on, expected) => {
  expect(commandOn(command, on)).toBe(expected);
});

import { expect, test } from 'vitest';
import { eventTypes } from '../../infra/contract/envelope.ts';
import { eventOf } from '../domain/transfer.ts';
import { checkEvent, DependencyUnavailableError, UnknownAccountError, ValidationError } from './handle.ts';

const event = eventOf({ accountId: 7n, delta: 1n }, { txId: 't', eventId: 'e', accountSeq: 1n, atMs: 1 });
const converted = { ...event, eventType: eventTypes.converted };
const adjusted = { ...event, eventType: eventTypes.adjusted };
const calm = { switches: { isOff: () => false, hasBug: () => false }, accountExists: () => true };

test('nothing is broken: every type is handled', () => {
  for (const one of [event, converted, adjusted]) expect(() => checkEvent(one, calm)).not.toThrow();
});

test('each fault meets its own events only', () => {
  const off = { ...calm, switches: { ...calm.switches, isOff: () => true } };
  expect(() => checkEvent(converted, off)).toThrow(DependencyUnavailableError);
  expect(() => checkEvent(event, off)).not.toThrow();
  const buggy = { ...calm, switches: { ...calm.switches, hasBug: (type: string) => type === eventTypes.adjusted } };
  expect(() => checkEvent(adjusted, buggy)).toThrow(TypeError);
  expect(() => checkEvent(event, buggy)).not.toThrow();
  expect(() => checkEvent(event, { ...calm, accountExists: () => false })).toThrow(UnknownAccountError);
});

test.each([
  ['an id longer than its column', { dedupKey: 'x'.repeat(97) }],
  ['an id with a blank at its end, which MySQL compares as if it were not there', { dedupKey: 't:7 ' }],
  ['an id of other letters', { dedupKey: '이체:7' }],
  ['a sequence number that no leg has', { accountSeq: 0n }],
])('%s is no event of ours', (_, wrong) => {
  expect(() => checkEvent({ ...event, ...wrong }, calm)).toThrow(ValidationError);
});

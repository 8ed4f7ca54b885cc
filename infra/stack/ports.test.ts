import { expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { portsFor } from './ports.ts';

test('an offset moves every port', () => {
  const base = portsFor(0);
  const moved = portsFor(300);
  expect(base['kafka-1']).toBe(19092);
  for (const [name, port] of Object.entries(base)) expect(moved[name as keyof typeof base]).toBe(port + 300);
});

test.each([
  { offset: 2, why: /belongs to a lab without offset/ }, // kafka-1 on kafka-2's port
  { offset: 1, why: /belongs to a lab without offset/ }, // the registry on its own management port
  { offset: 13_700, why: /outgoing connections/ }, // past the start of the ephemeral range
])('offset $offset is refused', ({ offset, why }) => {
  expect(() => portsFor(offset)).toThrow(UserError);
  expect(() => portsFor(offset)).toThrow(expect.objectContaining({ why: expect.stringMatching(why) }));
});

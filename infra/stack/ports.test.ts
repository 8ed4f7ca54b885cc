import { expect, test } from 'vitest';
import { UserError } from '../errors.ts';
import { portsFor, portsOfNode } from './ports.ts';
import { allNodeNames } from './stack.ts';

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

test('every node is reached on a port of its own name', () => {
  expect(Object.keys(portsOfNode).sort()).toEqual([...allNodeNames].sort());
  for (const node of allNodeNames) expect(portsOfNode[node][0]).toBe(node);
  const pages = ['grafana', 'kafka-ui']; // containers alone serve them
  expect([...Object.values(portsOfNode).flat(), ...pages].toSorted()).toEqual(Object.keys(portsFor(0)).toSorted());
});

test("the bus of a cluster's node is 10000 above it, as Redis before 7.0 has it", () => {
  const ports = portsFor(300);
  for (const n of [1, 2, 3, 4, 5, 6] as const) {
    expect(ports[`redis-cluster-${n}-bus`] - ports[`redis-cluster-${n}`]).toBe(10_000);
  }
});

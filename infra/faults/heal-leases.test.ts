import { expect, test } from 'vitest';
import { inHealingOrder } from './heal-leases.ts';
import type { FaultLease } from './lease.ts';

const leaseOf = (id: string, ...claims: readonly string[]): FaultLease => ({
  ...{ id, kind: 'kill', parameters: {}, target: id, who: 'test', takenAtMs: 0, expiresAtMs: 1, phase: 'broken' },
  claims: [...claims],
});

test('the controller before its brokers, nodes before the switches that live in one of them', () => {
  const leases = [
    leaseOf('poison', 'switch:/poison'),
    leaseOf('broker', 'node:kafka-2'),
    leaseOf('proxy', 'mysql-proxy', 'node:mysql-proxy'),
    leaseOf('slow', 'switch:/slow.balance-projector'),
    leaseOf('controller', 'node:kafka-controller'),
    leaseOf('mysql', 'node:mysql'),
  ];
  const ids = inHealingOrder(leases).map(({ id }) => id);
  expect(ids).toEqual(['controller', 'broker', 'proxy', 'mysql', 'poison', 'slow']);
});

import { expect, test } from 'vitest';
import { labRoles } from '../../contract/lab-roles.ts';
import { scopeOf } from '../../contract/scope.ts';
import type { Target } from '../../target.ts';
import { lookAt } from './look.ts';

test('tombstones are no entries that run out, even where the database moved on between row and cache', async () => {
  const { accounts, cache: role } = labRoles(scopeOf(''));
  if (accounts === undefined || role === undefined) throw new Error('the lab has accounts and a cache');
  const rows = Array.from({ length: 40 }, (_, index) => ({ accountId: BigInt(index), balance: 5n, seq: 7n }));
  const now = rows.map((row) => ({ ...row, seq: 8n }));
  const target = { mysql: { query: async () => now }, roles: labRoles(scopeOf('')) } as unknown as Target;
  const cache = {
    read: async (key: string) =>
      key === 'balance:0' ? { text: 'E:7:5', ttlMs: 55_000 } : { text: 'T:8', ttlMs: 9_900 },
  };
  const look = await lookAt(target, rows, { role, accounts, cache, before: [], nowMs: 0 });
  expect(look).toMatchObject({ checked: 40, fresh: 1, entries: [], ttlsMs: [55_000] });
});

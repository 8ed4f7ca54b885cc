import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { labTarget } from '../target.ts';
import { freshScope } from '../testing/fresh-scope.ts';
import { addTo, lockPlanting } from '../testing/plant-deadlocks.ts';
import { mysql } from './mysql.ts';
import { diagnose } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

/** It must be forgotten for fifteen seconds before it is: too long for a test of every change. */
test('a transaction that was left open is found with what it did last, and not before its time', async () => {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  const target = labTarget(endpoints, scope.name);
  onTestFinished(() => target.close());
  const planting = await lockPlanting(endpoints.mysql, scope.database);
  const forgotten = await planting.session();
  await forgotten.query('START TRANSACTION');
  await forgotten.query(addTo(50));
  const sinceMs = systemClock.monotonic();
  const open = await waitFor(
    'the open transaction to be found',
    async () => {
      const now = await diagnose({ diagnosis: mysql, target });
      return now.status === 'finding' ? now : undefined;
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  );
  expect(systemClock.monotonic() - sinceMs).toBeGreaterThanOrEqual(14_000);
  const pid = String(forgotten.threadId);
  expect(open.findings).toMatchObject([
    {
      key: `waits.transaction.${pid}`,
      kind: 'open-transaction',
      severity: 'warning',
      evidence: [{ session: pid, rows_locked: 1, rows_modified: 1, statement: `(last) ${addTo(50)}` }],
    },
  ]);
});

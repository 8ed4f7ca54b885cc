import { expect, onTestFinished, test } from 'vitest';
import { labTarget } from '../target.ts';
import { rebalance } from './rebalance.ts';
import { diagnose } from './run.ts';

/** Where nothing listens. */
const closed = { host: '127.0.0.1', port: 1 };

test('of groups that nobody can be asked about nothing is counted, and no 0 is made up', async () => {
  const target = labTarget(
    {
      kafka: ['127.0.0.1:1'],
      mysql: { ...closed, user: 'nobody', password: '' },
      redis: closed,
      registry: 'http://127.0.0.1:1',
    },
    'gone',
  );
  onTestFinished(() => target.close());
  const { status, counts, explanation } = await diagnose({ diagnosis: rebalance, target });
  expect(status).toBe('unknown');
  expect(counts).not.toHaveProperty('rebalancesLastMinute');
  expect(explanation.en).not.toMatch(/\b0 in the last minute/);
});

import { expect, test } from 'vitest';
import { known, unknownPart } from '../reading.ts';
import { type WorkerHealth, workersHealth } from './workers-health.ts';

const healthy: WorkerHealth = {
  worker: 'outbox-relay',
  pid: 42,
  processStart: '1',
  mode: 'outbox',
  beatAgeMs: known(900),
  beatAtMs: 0,
  counters: { sent: 5 },
  perSecond: undefined,
  findings: [],
};
const keysOf = (...workers: readonly WorkerHealth[]) => workersHealth.judge({ workers }).map(({ key }) => key);

test('silent on beating workers, and where there are none', () => {
  expect(keysOf(healthy, { ...healthy, worker: 'balance-projector', beatAgeMs: known(4_900) })).toEqual([]);
  expect(keysOf()).toEqual([]);
});

test('a worker that does not beat', () => {
  const [finding] = workersHealth.judge({
    workers: [healthy, { ...healthy, worker: 'relay-2', beatAgeMs: known(7_000) }],
  });
  expect(finding).toMatchObject({ key: 'worker.relay-2', severity: 'critical' });
  expect(finding?.text.en).toContain('pid 42');
});

test('an age spoiled by a moved clock is unknown, not stale', () => {
  expect(keysOf({ ...healthy, beatAgeMs: unknownPart('clock skew') })).toEqual([]);
});

test('what a worker says about itself is passed on under its own key', () => {
  const findings = [{ key: 'poison.3', message: 'partition 3 stands still at offset 7' }];
  expect(keysOf({ ...healthy, findings })).toEqual(['worker.outbox-relay.poison.3']);
});

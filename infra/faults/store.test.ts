import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UserError } from '../errors.ts';
import { leaseIds } from './folder.ts';
import { conflictWith, dueCause, type FaultLease, type HealRecord } from './lease.ts';
import { faultStore } from './store.ts';

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-faults-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const leaseOf = (id: string, over: Partial<FaultLease> = {}): FaultLease => ({
  id,
  kind: 'kill',
  parameters: { node: 'redis' },
  target: 'redis',
  claims: ['node:redis'],
  phase: 'broken',
  who: 'test',
  takenAtMs: 1_000,
  expiresAtMs: 31_000,
  ...over,
});

const record = (id: string, attempts = 1): HealRecord => ({
  ...{ id, kind: 'kill', target: 'redis', who: 'test', takenAtMs: 1_000, expiresAtMs: 31_000 },
  ...{ outcome: 'healed', cause: 'expired', by: 'healer', dueAtMs: 31_000, healedAtMs: 32_000, attempts },
});

test('a lease is there for everybody until it is removed, its healer with it; nothing else is left', async () => {
  const folder = freshFolder();
  expect(leaseIds(join(folder, 'none'))).toEqual([]);
  const store = faultStore(folder);
  store.write(leaseOf('b', { takenAtMs: 2_000 }));
  store.write(leaseOf('a'));
  store.arm('a', { pid: 12, startedAt: '34' });
  expect(leaseIds(folder).toSorted()).toEqual(['a', 'b']);
  expect(faultStore(folder).leases()).toEqual([leaseOf('a'), leaseOf('b', { takenAtMs: 2_000 })]);
  expect(store.healer('a')).toEqual({ pid: 12, startedAt: '34' });
  store.remove('a');
  store.remove('b');
  expect(store.healer('a')).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
});

test("a lease that cannot be read is told, never passed over, and stands in nobody else's way", () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'x.lease.json'), '{"id":"x"}');
  const store = faultStore(folder);
  store.write(leaseOf('a'));
  expect(() => store.leases()).toThrow(UserError);
  expect(store.survey()).toEqual({ leases: [leaseOf('a')], unreadable: [{ id: 'x', error: expect.any(UserError) }] });
});

test('the history keeps one entry a fault, the last, passes over a torn line, and has a limit', async () => {
  const folder = freshFolder();
  const store = faultStore(folder);
  await store.record(record('a'));
  appendFileSync(join(folder, 'history.ndjson'), '{"id":"torn\n');
  await store.record(record('b'));
  await store.record(record('a', 2));
  expect(store.history().map(({ id, attempts }) => [id, attempts])).toEqual([
    ['b', 1],
    ['a', 2],
  ]);
  const line = `${JSON.stringify(record('old'))}\n`;
  appendFileSync(join(folder, 'history.ndjson'), line.repeat(400));
  await store.record(record('new'));
  expect(readFileSync(join(folder, 'history.ndjson'), 'utf8').trimEnd().split('\n')).toHaveLength(200);
  expect(store.history().map(({ id }) => id)).toEqual(['old', 'new']);
});

test('due: by time, or by the death of the owner', () => {
  const lease = leaseOf('a');
  expect(dueCause(lease, 30_999, true)).toBeUndefined();
  expect(dueCause(lease, 31_000, true)).toBe('expired');
  expect(dueCause(lease, 2_000, false)).toBe('owner-died');
  expect(dueCause(lease, 31_000, false)).toBe('expired');
});

test('two faults meet where they claim the same thing', () => {
  const leases = [leaseOf('a'), leaseOf('b', { claims: ['node:kafka-1', 'node:kafka-3'] })];
  expect(conflictWith(['node:kafka-3'], leases)?.id).toBe('b');
  expect(conflictWith(['node:kafka-2'], leases)).toBeUndefined();
});

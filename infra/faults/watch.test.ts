import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { RefusedError, UserError } from '../errors.ts';
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts';
import { type Healing, healOnce } from './heal.ts';
import type { FaultLease } from './lease.ts';
import { faultStore } from './store.ts';
import { type Watch, watchLease } from './watch.ts';

const startMs = Date.UTC(2026, 10, 24);
const owner = { pid: 4_194_303, startedAt: '1' };

function leased(over: Partial<FaultLease> = {}): {
  readonly lease: FaultLease;
  readonly clock: VirtualClock;
  readonly undone: number[];
  healing(undo?: Healing['undo']): Healing;
} {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-faults-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const store = faultStore(folder);
  const clock = virtualClock(startMs);
  const undone: number[] = [];
  const lease: FaultLease = {
    id: 'kill-1',
    kind: 'kill',
    parameters: { node: 'kafka-2' },
    target: 'kafka-2',
    claims: ['node:kafka-2'],
    phase: 'broken',
    who: 'test',
    takenAtMs: startMs,
    expiresAtMs: startMs + 30_000,
    ...over,
  };
  store.write(lease);
  const undo = async (): Promise<void> => void undone.push(clock.now() - startMs);
  return { lease, clock, undone, healing: (own = undo) => ({ store, clock, undo: own }) };
}

const awake = { signal: new AbortController().signal };

describe('a healer', () => {
  test('heals when time is up, not before, and writes down when', async () => {
    const { healing, undone } = leased();
    const { store, ...rest } = healing();
    const result = await watchLease('kill-1', { store, ...rest, ...awake });
    expect(undone).toEqual([30_000]);
    expect(result).toMatchObject({
      state: 'healed',
      record: { cause: 'expired', by: 'healer', outcome: 'healed', attempts: 1, dueAtMs: startMs + 30_000 },
    });
    expect(store.lease('kill-1')).toBeUndefined();
    expect(store.history()).toEqual(result.state === 'healed' ? [result.record] : []);
  });

  test('heals when the owner is dead, long before the time', async () => {
    const { healing, undone, clock } = leased({ owner });
    const ownerIsAlive: Watch['ownerIsAlive'] = async () => clock.now() - startMs < 5_000;
    const result = await watchLease('kill-1', { ...healing(), ...awake, ownerIsAlive });
    expect(undone).toEqual([5_000]);
    expect(result).toMatchObject({ record: { cause: 'owner-died', dueAtMs: startMs + 5_000 } });
  });

  test('asks the process table: an owner that never ran is dead', async () => {
    const { healing, undone } = leased({ owner });
    await watchLease('kill-1', { ...healing(), ...awake });
    expect(undone).toEqual([0]);
  });

  test('heals at once when it is told to end', async () => {
    const { healing, undone } = leased();
    const result = await watchLease('kill-1', { ...healing(), signal: AbortSignal.abort() });
    expect(undone).toEqual([0]);
    expect(result).toMatchObject({ record: { cause: 'asked' } });
  });

  test('is not fooled by a wall clock that is set back', async () => {
    const { healing, undone, clock } = leased();
    const base = healing(async () => void undone.push(clock.monotonic()));
    clock.sleep(10_000);
    const watching = watchLease('kill-1', {
      ...base,
      ...awake,
      async ownerIsAlive() {
        if (clock.monotonic() === 10_200) clock.setWall(startMs - 3_600_000);
        return true;
      },
    });
    await watching;
    expect(undone).toEqual([30_000]);
  });

  test('follows a lease whose time begins anew', async () => {
    const { healing, undone, clock, lease } = leased({ owner });
    const base = healing();
    const ownerIsAlive = async (): Promise<boolean> => {
      if (clock.monotonic() === 10_000) base.store.write({ ...lease, expiresAtMs: startMs + 12_000 });
      return true;
    };
    await watchLease('kill-1', { ...base, ...awake, ownerIsAlive });
    expect(undone).toEqual([12_000]);
  });

  test('does nothing where somebody else has healed, and says how', async () => {
    const { healing, undone } = leased();
    await healOnce('kill-1', { cause: 'asked', by: 'command', dueAtMs: startMs }, healing());
    const result = await watchLease('kill-1', { ...healing(), ...awake });
    expect(undone).toEqual([0]);
    expect(result).toMatchObject({ state: 'gone', record: { by: 'command' } });
  });
});

describe('healing that fails', () => {
  test('is tried again, ever slower, until it works; the attempts and the last error stay in the history', async () => {
    const { healing, clock } = leased();
    const at: number[] = [];
    const result = await watchLease('kill-1', {
      ...healing(async () => {
        at.push(clock.now() - startMs);
        if (at.length < 4) throw new Error(`no port ${at.length}`);
      }),
      ...awake,
    });
    expect(at).toEqual([30_000, 30_250, 30_750, 31_750]);
    expect(result).toMatchObject({ record: { attempts: 4, error: 'no port 3', healedAtMs: startMs + 31_750 } });
  });

  test('goes on, once a minute at last, until the healer is ended; the lease stays, and a command heals it', async () => {
    const { healing, clock } = leased();
    const stop = new AbortController();
    const at: number[] = [];
    const broken = healing(async () => {
      at.push(clock.now() - startMs);
      if (clock.now() - startMs > 3 * 3_600_000) stop.abort();
      throw new Error('no engine');
    });
    const result = await watchLease('kill-1', { ...broken, signal: stop.signal });
    expect(result).toMatchObject({ state: 'failed' });
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(60_000);
    const { failure } = broken.store.lease('kill-1') ?? {};
    expect(failure).toMatchObject({ error: 'no engine', attempts: expect.any(Number) });
    expect(broken.store.history()).toEqual([]);
    const request = { cause: 'expired', by: 'command', dueAtMs: startMs + 30_000 } as const;
    const healed = await healOnce('kill-1', request, healing());
    expect(healed).toMatchObject({ record: { attempts: (failure?.attempts ?? 0) + 1, error: 'no engine' } });
  });

  test('an attempt that takes too long is given up, and the next one waits until it has come to rest', async () => {
    const { healing, clock } = leased();
    const said: string[] = [];
    const late: (() => void)[] = [];
    const after = (_ms: number, action: () => void): (() => void) => {
      late.push(action);
      return () => {};
    };
    const timed = { ...clock, after };
    const request = { cause: 'asked', by: 'command', dueAtMs: startMs } as const;
    const stuck = healing(async (_lease, signal) => {
      said.push('begins');
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await systemClock.sleep(300);
      said.push('rests');
      signal.throwIfAborted();
    });
    const first = healOnce('kill-1', request, { ...stuck, clock: timed });
    await waitFor('the first attempt', () => late.length > 0, { timeoutMs: 20_000 });
    const second = healOnce(
      'kill-1',
      request,
      healing(async () => void said.push('second')),
    );
    late[0]?.();
    expect(await first).toMatchObject({
      state: 'failed',
      lease: { failure: { error: expect.stringMatching(/took longer/) } },
    });
    expect(await second).toMatchObject({ state: 'healed', record: { attempts: 2 } });
    expect(said).toEqual(['begins', 'rests', 'second']);
  });

  test('two at once: one heals, the other finds it done', async () => {
    const { healing, undone } = leased();
    const request = { cause: 'asked', by: 'command', dueAtMs: startMs } as const;
    const both = await Promise.all([healOnce('kill-1', request, healing()), healOnce('kill-1', request, healing())]);
    expect(undone).toHaveLength(1);
    expect(both.map(({ state }) => state).sort()).toEqual(['gone', 'healed']);
  });
});

describe('healing that is refused', () => {
  test.each([
    ['a lease of another version', new UserError('no such fault')],
    ['a lab of another driver', new RefusedError('native only')],
  ])('for good, as %s is, is not tried again', async (_, error) => {
    const { healing, clock } = leased();
    const result = await watchLease('kill-1', {
      ...healing(async () => {
        throw error;
      }),
      ...awake,
    });
    expect(result).toMatchObject({ state: 'failed', error, lease: { failure: { attempts: 1 } } });
    expect(clock.now() - startMs).toBe(30_000);
  });
});

test('a full disk keeps nobody from undoing the fault', async () => {
  const { healing, undone } = leased();
  const full = async (): Promise<never> => {
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  const { store, ...rest } = healing();
  const result = await watchLease('kill-1', { ...rest, ...awake, store: { ...store, lockLease: full, record: full } });
  expect(undone).toEqual([30_000]);
  expect(result).toMatchObject({ state: 'healed' });
  expect(store.leases()).toEqual([]);
});

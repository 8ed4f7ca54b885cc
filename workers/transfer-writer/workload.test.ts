import { expect, test } from 'vitest';
import type { Clock } from '../../infra/clock.ts';
import { CommitOutcomeUnknown } from '../../infra/mysql/transaction.ts';
import { plannedTransfer } from '../domain/transfer.ts';
import { createCounters } from '../host/counters.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import { runWorkload, type Workload } from './workload.ts';

const plan = { runId: 'r', seed: 1, firstAccount: 1, accounts: 10 };

/** A clock on which sleeping is what makes time pass. */
function steppedClock(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    monotonic: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
    },
    every: () => () => {},
    after: () => () => {},
  };
}

function effects() {
  const journal: JournalEntry[] = [];
  return {
    journal,
    counters: createCounters(),
    given: {
      clock: steppedClock(),
      journal: { append: (entry: JournalEntry) => void journal.push(entry), close() {} },
      failpoint() {},
      signal: new AbortController().signal,
      report() {},
      clear() {},
    },
  };
}

async function runWith(workload: Workload, commit: (txId: string, atMs: number) => Promise<void>) {
  const { given, journal, counters } = effects();
  await runWorkload(
    workload,
    (index) => plannedTransfer(plan, index),
    ({ txId }, atMs) => commit(txId, atMs),
    {
      ...given,
      counters,
    },
  );
  return { journal, counts: counters.snapshot() };
}

test('every transfer is journalled before its commit and after it', async () => {
  const seen: string[] = [];
  const { journal, counts } = await runWith({ count: 20, concurrency: 3, firstIndex: 0 }, async (txId) => {
    seen.push(txId);
  });
  expect(counts).toEqual({ ok: 20 });
  expect(new Set(seen).size).toBe(20);
  for (const txId of seen) {
    const kinds = journal.filter((entry) => 'txId' in entry && entry.txId === txId).map(({ kind }) => kind);
    expect(kinds).toEqual(['invoke', 'ok']);
  }
});

test('an outcome that nobody can know is info, a refused one is fail; neither is tried again', async () => {
  const { journal, counts } = await runWith({ count: 3, concurrency: 1, firstIndex: 0 }, async (txId) => {
    if (txId.endsWith('0')) throw new CommitOutcomeUnknown('no answer');
    if (txId.endsWith('1')) throw Object.assign(new Error('duplicate'), { errno: 1062 });
  });
  expect(counts).toEqual({ info: 1, fail: 1, ok: 1 });
  expect(journal.map(({ kind }) => kind)).toEqual(['invoke', 'info', 'invoke', 'fail', 'invoke', 'ok']);
});

test('with a rate, no transfer starts before it is due, and none is left out', async () => {
  const startedAt: number[] = [];
  await runWith({ count: 50, transfersPerSecond: 200, concurrency: 4, firstIndex: 0 }, async (_, atMs) => {
    startedAt.push(atMs);
  });
  expect(startedAt).toHaveLength(50);
  for (const [index, atMs] of startedAt.entries()) expect(atMs).toBeGreaterThanOrEqual(index * 5);
});

test('a resumed workload does the rest, and only the rest', async () => {
  const { journal } = await runWith({ count: 10, concurrency: 2, firstIndex: 7 }, async () => {});
  const invoked = journal.filter(({ kind }) => kind === 'invoke').map((entry) => 'txId' in entry && entry.txId);
  expect(invoked).toEqual(['r-00000007', 'r-00000008', 'r-00000009']);
});

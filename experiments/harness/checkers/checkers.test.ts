import { describe, expect, test } from 'vitest';
import { historyOf } from '../history.ts';
import { cleanRun, type RecordedArm } from '../testing/clean-run.ts';
import { acknowledged } from './acknowledged.ts';
import { appliedTwice } from './applied-twice.ts';
import { type Checker, checkSafely, examplesMax } from './checker.ts';
import { drift } from './drift.ts';
import { pipelineCheckers } from './index.ts';
import { lost } from './lost.ts';
import { order } from './order.ts';
import { staleCache } from './stale-cache.ts';
import { unsent } from './unsent.ts';

const named = pipelineCheckers.map((checker) => [checker.name, checker] as const);

describe.each(named)('%s', (_, checker) => {
  test('is silent on a clean history', () => {
    const { history, state } = cleanRun({ transfers: 300 });
    const outcome = checker.check(history, state);
    expect(outcome).toMatchObject({ verdict: 'pass', examples: [] });
    expect(outcome.checked).toBeGreaterThan(0);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('is silent on a clean busy history, seed %i', (seed) => {
    const { history, state } = cleanRun({ transfers: 500, accounts: 80, seed, busy: true });
    expect(checker.check(history, state)).toMatchObject({ verdict: 'pass', examples: [] });
  });

  test('is unknown on an empty history: nothing was checked', () => {
    const { history, state } = cleanRun({ transfers: 0 });
    expect(checker.check(history, { ...state, cache: [] })).toMatchObject({ verdict: 'unknown', checked: 0 });
  });

  test('names every count it gives, also when it is 0', () => {
    const { history, state } = cleanRun({ transfers: 5 });
    expect(Object.keys(checker.check(history, state).counts)).toEqual(Object.keys(checker.labels));
  });
});

test('the busy history is really busy', () => {
  const { history, state } = cleanRun({ transfers: 500, accounts: 80, busy: true });
  const outcomes = new Set([...history.transfers.values()].map(({ outcome }) => outcome));
  expect(outcomes).toEqual(new Set(['ok', 'fail', 'info']));
  expect(state.topic.length).toBeGreaterThan(state.effects.length + 50);
  expect(state.cache.some(({ text }) => text.startsWith('T:'))).toBe(true);
});

/** Every checker of the pipeline, and which counts differ from 0. */
function spoke({ history, state }: Pick<RecordedArm, 'history' | 'state'>): Record<string, number> {
  const counts = pipelineCheckers.flatMap((checker) => Object.entries(checker.check(history, state).counts));
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function only(checker: Checker, { history, state }: RecordedArm) {
  const { verdict, examples } = checker.check(history, state);
  return { verdict, examples };
}

const planted = () => cleanRun({ transfers: 400, seed: 11, busy: true });

describe('planted: lost, found down to the example', () => {
  test('one event that never reached the topic', () => {
    const run = planted();
    const victim = run.state.topic.find(({ dedupKey }) => run.state.outbox[50]?.dedupKey === dedupKey);
    const { txId, accountId } = legOf(run, victim?.dedupKey);
    run.state.topic = run.state.topic.filter(({ dedupKey }) => dedupKey !== victim?.dedupKey);
    const example = { dedupKey: victim?.dedupKey, txId, accountId: String(accountId) };
    expect(only(lost, run)).toEqual({
      verdict: 'fail',
      examples: [
        { what: 'lost', ...example },
        { what: 'lostFromTopic', ...example },
      ],
    });
    expect(spoke(run)).toEqual({ lost: 1, lostFromTopic: 1, sentElsewhere: 1 });
  });

  test('one event in the topic that the consumer skipped', () => {
    const run = planted();
    const victim = run.state.effects[77];
    run.state.effects = run.state.effects.filter((effect) => effect !== victim);
    expect(only(lost, run).examples).toMatchObject([
      { what: 'lost', dedupKey: victim?.dedupKey },
      { what: 'lostFromEffects', dedupKey: victim?.dedupKey },
    ]);
  });

  test('what backfill folded in is not lost', () => {
    const run = planted();
    const victim = run.state.effects[3];
    run.state.effects = run.state.effects.filter((effect) => effect !== victim);
    run.state.projections = run.state.projections.map((row) =>
      row.accountId === victim?.accountId ? { ...row, foldedSeq: victim.accountSeq } : row,
    );
    expect(only(lost, run)).toEqual({ verdict: 'pass', examples: [] });
  });
});

describe('planted: applied twice, found down to the example', () => {
  test('one event applied twice', () => {
    const run = planted();
    const victim = run.state.effects[10];
    if (victim === undefined) throw new Error('no effect to double');
    run.state.effects.push({ ...victim });
    expect(only(appliedTwice, run)).toEqual({
      verdict: 'fail',
      examples: [{ what: 'appliedTwice', dedupKey: victim.dedupKey, times: 2 }],
    });
    expect(spoke(run)).toEqual({ appliedTwice: 1 });
  });
});

describe('planted: order, found down to the example', () => {
  test('two events of one account applied in the wrong order', () => {
    const run = planted();
    const [first, second] = run.state.effects.filter(({ accountId }) => accountId === 1_003n);
    if (first === undefined || second === undefined) throw new Error('no two effects to swap');
    run.state.effects = run.state.effects.map((row) => (row === first ? second : row === second ? first : row));
    expect(only(order, run)).toEqual({
      verdict: 'fail',
      examples: [
        { what: 'effectInversions', dedupKey: first.dedupKey, accountId: '1003', accountSeq: '1', after: '2' },
      ],
    });
  });

  test('two events of one account in the wrong order in the topic', () => {
    const run = cleanRun({ transfers: 400, seed: 11 });
    const [first, second] = run.state.topic.filter(({ event }) => event?.accountId === 1_003n);
    if (first === undefined || second === undefined) throw new Error('no two records to swap');
    const swapped = { ...first, dedupKey: second.dedupKey, event: second.event };
    const later = { ...second, dedupKey: first.dedupKey, event: first.event };
    run.state.topic = run.state.topic.map((row) => (row === first ? swapped : row === second ? later : row));
    expect(only(order, run).examples).toEqual([
      {
        what: 'topicInversions',
        dedupKey: first.dedupKey,
        accountId: '1003',
        accountSeq: '1',
        after: '2',
        partition: second.partition,
        offset: String(second.offset),
      },
    ]);
  });

  test('an account in two partitions has no order', () => {
    const run = cleanRun({ transfers: 400, seed: 11 });
    const moved = run.state.topic.findLast(({ event }) => event?.accountId === 1_003n);
    run.state.topic = run.state.topic.map((row) => (row === moved ? { ...row, partition: 5, offset: 9_999n } : row));
    expect(only(order, run).examples).toMatchObject([{ what: 'splitAccounts', accountId: '1003' }]);
  });
});

describe('planted: stale cache, found down to the example', () => {
  test('one cache key that missed its invalidation', () => {
    const run = cleanRun({ transfers: 400, seed: 11 });
    run.state.cache = run.state.cache.map((key) => (key.accountId === 1_007n ? { ...key, text: 'E:1:42' } : key));
    const account = run.state.accounts.find(({ accountId }) => accountId === 1_007n);
    expect(only(staleCache, run)).toEqual({
      verdict: 'fail',
      examples: [
        {
          what: 'staleKeys',
          accountId: '1007',
          cached: 'E:1:42',
          database: `${account?.accountSeq}:${account?.balance}`,
        },
      ],
    });
    expect(spoke(run)).toEqual({ staleKeys: 1 });
  });

  test('a cache of tombstones only was not checked', () => {
    const run = planted();
    run.state.cache = run.state.accounts.map(({ accountId, accountSeq }) => ({ accountId, text: `T:${accountSeq}` }));
    expect(staleCache.check(run.history, run.state)).toMatchObject({ verdict: 'unknown', checked: 0 });
  });

  test('a key that is neither entry nor tombstone', () => {
    const run = planted();
    run.state.cache.push({ accountId: 1_000n, text: '17' });
    expect(only(staleCache, run).examples).toEqual([{ what: 'unreadableKeys', accountId: '1000', cached: '17' }]);
  });
});

describe('planted: drift, found down to the example', () => {
  test('one drifted projection', () => {
    const run = planted();
    const victim = run.state.projections[4];
    if (victim === undefined) throw new Error('no projection');
    run.state.projections[4] = { ...victim, balance: victim.balance + 1n };
    expect(only(drift, run)).toEqual({
      verdict: 'fail',
      examples: [
        {
          what: 'projectionDrift',
          accountId: String(victim.accountId),
          ledger: String(victim.balance),
          projection: String(victim.balance + 1n),
        },
      ],
    });
  });

  test('one doubled count, one half transfer', () => {
    const doubled = planted();
    const row = doubled.state.projections[0];
    if (row === undefined) throw new Error('no projection');
    doubled.state.projections[0] = { ...row, appliedCount: row.appliedCount + 1n };
    expect(spoke(doubled)).toEqual({ incompleteProjections: 1 });

    const half = cleanRun({ transfers: 50 });
    const gone = half.state.ledger.at(-1);
    half.state.ledger = half.state.ledger.filter((leg) => leg !== gone);
    expect(spoke(half)).toMatchObject({ halfTransfers: 1, unbalancedTransfers: 1, ledgerGaps: 1, accountDrift: 1 });
  });
});

describe('planted: outbox and ledger, found down to the example', () => {
  test('one outbox row left behind, and one that is not where it says', () => {
    const run = planted();
    const [left, misled] = run.state.outbox;
    if (left === undefined || misled === undefined) throw new Error('no rows');
    run.state.outbox[0] = { ...left, status: 'PENDING', sentPartition: null, sentOffset: null };
    run.state.outbox[1] = { ...misled, sentOffset: 99_999n };
    expect(only(unsent, run).examples).toEqual([
      { what: 'unsent', dedupKey: left.dedupKey, status: 'PENDING' },
      { what: 'sentElsewhere', dedupKey: misled.dedupKey, place: `${misled.sentPartition}/99999`, holds: 'nothing' },
    ]);
  });

  test('an acknowledged transfer that the ledger lost, and a refused one that it kept', () => {
    const run = cleanRun({ transfers: 50 });
    const txId = 'run-00000049';
    run.state.ledger = run.state.ledger.filter((leg) => leg.txId !== txId);
    expect(only(acknowledged, run).examples).toMatchObject([{ what: 'acknowledgedNotInLedger', txId }]);

    const kept = cleanRun({ transfers: 50 });
    const lines = kept.lines.map((line) => ({
      ...line,
      text: line.text.replace(/"ok"(.*49")/, '"fail","reason":"no"$1'),
    }));
    expect(only(acknowledged, { ...kept, history: historyOf(lines) }).examples).toMatchObject([
      { what: 'refusedYetInLedger', txId },
    ]);
  });
});

test('a damaged journal makes the word against the ledger unknown; one line a death is not damage', () => {
  const run = cleanRun({ transfers: 50 });
  const history = historyOf([...run.lines, { worker: 'writer', text: '{"kind":"inv' }]);
  expect(acknowledged.check(history, run.state).verdict).toBe('unknown');
  expect(acknowledged.check(history, { ...run.state, incarnations: { writer: 2 } }).verdict).toBe('pass');
});

test('all is counted, few are kept as examples', () => {
  const run = cleanRun({ transfers: 100 });
  run.state.effects = [];
  const outcome = lost.check(run.history, run.state);
  expect(outcome.counts).toMatchObject({ lost: 200, lostFromEffects: 200 });
  expect(outcome.examples).toHaveLength(2 * examplesMax);
});

test('a checker that crashes is unknown, with its reason', () => {
  const run = cleanRun({ transfers: 1 });
  const crashing: Checker = {
    ...lost,
    check() {
      throw new Error('boom');
    },
  };
  expect(checkSafely(crashing, run.history, run.state)).toMatchObject({
    verdict: 'unknown',
    reason: 'the checker crashed: boom',
  });
});

function legOf({ state }: RecordedArm, dedupKey: string | null | undefined) {
  const leg = state.ledger.find((row) => `${row.txId}:${row.accountId}` === dedupKey);
  if (leg === undefined) throw new Error('no such leg');
  return leg;
}

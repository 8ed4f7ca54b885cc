import type { DeadLetterGroup, DlqGroups } from '../../../infra/probes/dlq/groups.ts';
import { known } from '../../../infra/probes/reading.ts';
import { twentyKinds } from '../../../infra/testing/plant-dead-letters.ts';

const minute = 60_000;

/** Twenty kinds; the first three of them still arrive. */
function plantedGroups(): readonly DeadLetterGroup[] {
  return twentyKinds.map(({ class: name, exception, eventType, message }, index) => ({
    fingerprint: index.toString(16).padStart(12, '0'),
    newestId: BigInt(4_000 - index),
    class: name,
    exception,
    eventType,
    rows: 1_204 >> Math.floor(index / 2),
    copies: BigInt(1_204 >> Math.floor(index / 2)) + (index === 0 ? 2n : 0n),
    newestMessage: message,
    newestDedupKey: eventType === null ? null : `tx-${index}:7`,
    distinctMessages: index + 1,
    newestAgeMs: known(index < 3 ? 4_000 : index * 7 * minute),
    oldestAgeMs: known((index + 1) * 60 * minute),
    perMinute: { now: index < 3 ? 24 - index * 8 : 0, before: index < 3 ? 12 : 0 },
  }));
}

/** Nothing dead; the ladder works. */
export const plantedDlq = (change: Partial<DlqGroups> = {}): DlqGroups => ({
  groups: [],
  deadLetters: { rows: 0, exact: true },
  copies: 0n,
  byClass: [],
  lastMinute: 0,
  perSecond: 0,
  unindexed: known({
    topic: 'account.balance.dlq',
    records: { atLeast: 0n, unknown: 0, parts: 3 },
    stillMs: 0,
    partitions: [],
  }),
  ladder: known({
    rungs: [{ rung: 'retry.5s', ahead: 2, due: 0, overdue: 0, nextInMs: 2_100, oldestDueMs: null }],
    exact: true,
  }),
  databaseTime: '2026-11-24 05:03:22.000000',
  newestId: 0n,
  ...change,
});

export function plantedDlqOfTwenty(change: Partial<DlqGroups> = {}): DlqGroups {
  const groups = plantedGroups();
  const classes = [...new Set(groups.map((group) => group.class))];
  const rowsOf = (some: readonly DeadLetterGroup[]): number => some.reduce((sum, { rows }) => sum + rows, 0);
  return plantedDlq({
    groups,
    deadLetters: { rows: rowsOf(groups), exact: true },
    copies: groups.reduce((sum, { copies }) => sum + copies, 0n),
    byClass: classes.map((name) => {
      const some = groups.filter((group) => group.class === name);
      return { class: name, rows: rowsOf(some), copies: some.reduce((sum, { copies }) => sum + copies, 0n) };
    }),
    lastMinute: 48,
    perSecond: 0.8,
    ladder: known({
      rungs: [
        { rung: 'retry.1m', ahead: 14, due: 3, overdue: 2, nextInMs: 8_400, oldestDueMs: known(41_000) },
        { rung: 'retry.5s', ahead: 5, due: 1, overdue: 0, nextInMs: 400, oldestDueMs: known(900) },
      ],
      exact: true,
    }),
    newestId: 4_000n,
    ...change,
  });
}

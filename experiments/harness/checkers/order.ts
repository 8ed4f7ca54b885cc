import { type Checker, type Example, Tally } from './checker.ts';

const labels = {
  topicInversions: { ko: '토픽에서 순서가 뒤집힌 이벤트', en: 'events out of order in the topic' },
  effectInversions: { ko: '반영 순서가 뒤집힌 이벤트', en: 'events applied out of order' },
  splitAccounts: { ko: '두 파티션에 걸친 계좌', en: 'accounts spread over several partitions' },
} as const;

interface Ordered {
  readonly dedupKey: string;
  readonly accountId: bigint;
  readonly accountSeq: bigint;
}

/**
 * Order per account by account_seq, over the *first* occurrence of each dedup_key: what a redelivery or a relay's second
 * send repeats later is no inversion. In the topic order exists only within a partition, so an account in two partitions
 * has no order at all.
 */
export const order: Checker = {
  name: 'order',
  title: { ko: '순서', en: 'Order' },
  labels,
  check(_, { topic, effects }) {
    const tally = new Tally(labels);
    const records = topic.flatMap(({ partition, offset, event }) =>
      event === null ? [] : [{ ...event, partition, offset: String(offset) }],
    );
    forEachInversion(records, ({ partition, offset }, example) =>
      tally.add('topicInversions', { ...example, partition, offset }),
    );
    forEachInversion(effects, (_effect, example) => tally.add('effectInversions', example));

    const partitions = new Map<bigint, Set<number>>();
    for (const { accountId, partition } of records) {
      partitions.set(accountId, (partitions.get(accountId) ?? new Set()).add(partition));
    }
    for (const [accountId, seen] of partitions) {
      if (seen.size > 1) tally.add('splitAccounts', { accountId: String(accountId), partitions: [...seen].join(', ') });
    }
    return tally.outcome(Math.min(records.length, effects.length));
  },
};

function forEachInversion<Row extends Ordered>(
  rows: readonly Row[],
  report: (row: Row, example: Example) => void,
): void {
  const seen = new Set<string>();
  const highest = new Map<bigint, bigint>();
  for (const row of rows) {
    if (seen.has(row.dedupKey)) continue;
    seen.add(row.dedupKey);
    const before = highest.get(row.accountId) ?? 0n;
    if (row.accountSeq > before) highest.set(row.accountId, row.accountSeq);
    else {
      report(row, {
        dedupKey: row.dedupKey,
        accountId: String(row.accountId),
        accountSeq: String(row.accountSeq),
        after: String(before),
      });
    }
  }
}

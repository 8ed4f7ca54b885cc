import { decodeCacheValue } from '../../../infra/contract/cache-entry.ts';
import { type Checker, Tally } from './checker.ts';

const labels = {
  staleKeys: { ko: '데이터베이스와 다른 캐시 키', en: 'cache keys that differ from the database' },
  unreadableKeys: { ko: '해석할 수 없는 캐시 키', en: 'cache keys that cannot be read' },
} as const;

/**
 * After the pipeline has settled, an entry must show exactly the account's balance and sequence. A tombstone says
 * nothing about a balance, but it cannot be newer than the account.
 */
export const staleCache: Checker = {
  name: 'stale-cache',
  title: { ko: '낡은 캐시', en: 'Stale cache' },
  labels,
  check(_, { cache, accounts }) {
    const tally = new Tally(labels);
    const accountOf = new Map(accounts.map((account) => [account.accountId, account]));
    let entries = 0;
    for (const { accountId, text } of cache) {
      const value = decodeCacheValue(text);
      const account = accountOf.get(accountId);
      const example = { accountId: String(accountId), cached: text };
      if (value === undefined) {
        tally.add('unreadableKeys', example);
        continue;
      }
      if (value.kind === 'entry') entries += 1;
      const stale =
        account === undefined ||
        (value.kind === 'entry'
          ? value.accountSeq !== account.accountSeq || value.balance !== account.balance
          : value.accountSeq > account.accountSeq);
      if (!stale) continue;
      const database = account === undefined ? 'no account' : `${account.accountSeq}:${account.balance}`;
      tally.add('staleKeys', { ...example, database });
    }
    return tally.outcome(entries);
  },
};

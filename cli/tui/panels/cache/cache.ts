import { panel } from '../panel.ts';
import { cacheRows, cacheSummary } from './rows.ts';

export const cache = panel({
  id: 'cache',
  title: { ko: '캐시 최신성', en: 'Cache staleness' },
  probeId: 'cache.staleness',
  grows: true,
  rows: cacheRows,
  summary: cacheSummary,
  empty: ({ checked, entries, unread }) =>
    checked === 0 && entries.length === 0 && unread === undefined
      ? { ko: '살펴볼 계좌가 없습니다', en: 'there are no accounts to look at' }
      : undefined,
});

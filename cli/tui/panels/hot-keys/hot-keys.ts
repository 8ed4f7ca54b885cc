import { panel } from '../panel.ts';
import { hotKeyRows, hotKeysSummary } from './rows.ts';

export const hotKeys = panel({
  id: 'hot-keys',
  title: { ko: '핫 키', en: 'Hot keys' },
  probeId: 'redis.hot-keys',
  grows: true,
  rows: hotKeyRows,
  summary: hotKeysSummary,
});

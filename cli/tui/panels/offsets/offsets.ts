import { panel } from '../panel.ts';
import { offsetsRows, offsetsSummary } from './rows.ts';

export const offsets = panel({
  id: 'offsets',
  title: { ko: '오프셋 LSO·HW·LEO', en: 'Offsets LSO, HW, LEO' },
  probeId: 'kafka.offsets',
  rows: offsetsRows,
  summary: offsetsSummary,
  grows: true,
  empty: ({ topics }) =>
    topics.length === 0 ? { ko: '지켜볼 토픽이 없습니다', en: 'there is no topic to watch' } : undefined,
});

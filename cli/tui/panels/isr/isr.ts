import { panel } from '../panel.ts';
import { isrRows, isrSummary } from './rows.ts';

export const isr = panel({
  id: 'isr',
  title: { ko: '복제와 ISR', en: 'Replicas and ISR' },
  probeId: 'kafka.isr',
  rows: isrRows,
  summary: isrSummary,
  grows: true,
  empty: ({ partitions, unknownTopics }) =>
    partitions === 0 && unknownTopics.length === 0
      ? { ko: '지켜볼 토픽이 없습니다', en: 'there is no topic to watch' }
      : undefined,
});

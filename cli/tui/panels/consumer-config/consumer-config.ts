import { panel } from '../panel.ts';
import { consumerConfigLines, consumerConfigSummary } from './rows.ts';

export const consumerConfig = panel({
  id: 'consumer-config',
  title: { ko: '컨슈머 설정', en: 'Consumer configuration' },
  probeId: 'kafka.consumer-config',
  rows: consumerConfigLines,
  summary: consumerConfigSummary,
  empty: ({ groups, workers }) =>
    groups.length === 0 && workers.known && workers.value.length === 0
      ? { ko: '컨슈머가 없습니다', en: 'there is no consumer' }
      : undefined,
});

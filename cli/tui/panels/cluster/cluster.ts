import { panel } from '../panel.ts';
import { clusterRows, clusterSummary } from './rows.ts';

export const cluster = panel({
  id: 'cluster',
  title: { ko: 'Kafka 클러스터', en: 'Kafka cluster' },
  probeId: 'kafka.cluster',
  rows: clusterRows,
  summary: clusterSummary,
});

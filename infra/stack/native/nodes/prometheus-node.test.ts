import { expect, test } from 'vitest';
import { portsFor } from '../../ports.ts';
import { prometheusSettings } from './prometheus-node.ts';

test('its settings name each job with its target on the moved port', () => {
  expect(prometheusSettings(portsFor(300))).toBe(`global:
  scrape_interval: 2s
  scrape_timeout: 1s
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ['127.0.0.1:19390']
`);
});

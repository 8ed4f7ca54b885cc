import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '../../ports.ts';
import type { NativeOnDemand } from './native-on-demand.ts';

const answerTimeoutMs = 2_000;

/** Keeps a day of time series for whoever asks its API. */
export const prometheus: NativeOnDemand = {
  memoryMb: 80,
  graceMs: 10_000,
  async nodes({ layout, ports, endpoints, server }) {
    const { version, commandOf } = await server('prometheus');
    const [command, ...before] = commandOf('prometheus');
    const dataDir = layout.dataDir('prometheus');
    const settingsFile = join(layout.confDir, 'prometheus.yml');
    return [
      {
        name: 'prometheus',
        engine: 'prometheus',
        version,
        async prepare() {
          mkdirSync(dataDir, { recursive: true });
          writeFileSync(settingsFile, prometheusSettings(ports));
        },
        launch: {
          command,
          args: [
            ...before,
            `--config.file=${settingsFile}`,
            `--storage.tsdb.path=${dataDir}`,
            '--storage.tsdb.retention.time=1d',
            `--web.listen-address=127.0.0.1:${ports.prometheus}`,
          ],
          cwd: layout.stackDir,
          printsItsLog: true,
        },
        async answers() {
          const response = await fetch(`${endpoints.prometheus}/-/ready`, {
            signal: AbortSignal.timeout(answerTimeoutMs),
          });
          await response.arrayBuffer();
          return response.ok;
        },
        readyTimeoutMs: 60_000,
      },
    ];
  },
};

/** Whom it asks for numbers. One line a job: an exporter of labctl's own would be the next. */
const scrapeJobs = (ports: Ports): Readonly<Record<string, number>> => ({
  prometheus: ports.prometheus,
});

export function prometheusSettings(ports: Ports): string {
  const jobs = Object.entries(scrapeJobs(ports)).map(
    ([job, port]) => `  - job_name: ${job}
    static_configs:
      - targets: ['127.0.0.1:${port}']
`,
  );
  return `global:
  scrape_interval: 2s
  scrape_timeout: 1s
scrape_configs:
${jobs.join('')}`;
}

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../clock.ts';
import { run, spawnDaemon, terminate } from '../../process.ts';
import { complete, type Engines, findEngines } from '../native/fetch/engines.ts';
import { renderProperties } from '../native/nodes/kafka-settings.ts';
import { portsFor } from '../ports.ts';
import type { Settings } from '../settings/kafka.ts';
import { services } from './compose-file.ts';
import { brokerProperties, controllerProperties } from './containers/kafka.ts';

/**
 * Whether the images would understand the variables of docker-compose.yml. No container is run: the code that reads them
 * is in the engines' own jars, the same versions, and that is run.
 */

const config = inject('config');
let engines: Engines;

beforeAll(async () => {
  const found = complete(await findEngines(config, process.env, AbortSignal.timeout(60_000)));
  if (found === undefined) throw new Error('the private stack has every engine');
  engines = found;
});

function folderOf(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `labctl-${name}-`));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** As Compose hands it to the container, with no variable set. */
function environmentOf(service: string): Readonly<Record<string, string>> {
  const entries = Object.entries(services[service]?.service.environment ?? {});
  return Object.fromEntries(entries.map(([name, value]) => [name, value.replace(/\$\{\w+:-(\d+)\}/g, '$1')]));
}

/** One of each kind: brokers differ by their number alone. */
const nodes: readonly (readonly [string, Settings])[] = [
  ['kafka-controller', controllerProperties()],
  ['kafka-2', brokerProperties('kafka-2')],
];

test.each(nodes)("Kafka's image makes our properties of %s, and formats its storage by them", async (name, wanted) => {
  const folder = folderOf('image');
  const [defaults, mounted, final, data] = ['defaults', 'mounted', 'final', 'data'].map((part) => join(folder, part));
  if (!defaults || !mounted || !final || !data) throw new Error('four folders');
  for (const part of [defaults, mounted, final]) mkdirSync(part);
  // What the image brings; all of it must be replaced.
  writeFileSync(join(defaults, 'server.properties'), 'num.io.threads=8\nlog.dirs=/tmp/kraft-combined-logs\n');
  const logging = 'Configuration:\n  Appenders: {}\n  Loggers:\n    Root: {level: info}\n    Logger: []\n';
  for (const file of ['log4j2.yaml', 'tools-log4j2.yaml']) writeFileSync(join(defaults, file), logging);
  const folders = ['--default-configs-dir', defaults, '--mounted-configs-dir', mounted, '--final-configs-dir', final];
  const wrapper = [
    '-cp',
    join(engines.kafka.folder, 'lib', '*'),
    'kafka.docker.KafkaDockerWrapper',
    'setup',
    ...folders,
  ];
  const result = await run(engines.java.command, ['-Xmx128m', '-XX:TieredStopAtLevel=1', ...wrapper], {
    env: { PATH: process.env.PATH, ...environmentOf(name), KAFKA_LOG_DIRS: data },
    timeoutMs: 50_000,
  });
  expect(result.exitCode, result.stderr).toBe(0);
  const lines = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .toSorted();
  const expected = renderProperties({ ...wanted, 'log.dirs': data }).replace(/\$\{\w+:-(\d+)\}/g, '$1');
  expect(lines(readFileSync(join(final, 'server.properties'), 'utf8'))).toEqual(lines(expected));
  const identity = readFileSync(join(data, 'meta.properties'), 'utf8');
  expect(identity).toContain(`cluster.id=${environmentOf(name).CLUSTER_ID}`);
  expect(identity).toContain(`node.id=${wanted['node.id']}`);
});

test('the registry takes its settings from the variables, and keeps schemas on disk', {
  timeout: 120_000,
}, async () => {
  const folder = folderOf('registry');
  // Ports that only containers would use.
  const { grafana: port, 'kafka-ui': managementPort } = portsFor(config.portOffset);
  const given = environmentOf('schema-registry');
  const env = {
    PATH: process.env.PATH,
    ...given,
    APICURIO_DATASOURCE_URL: given.APICURIO_DATASOURCE_URL?.replace('/var/lib/registry', folder),
    QUARKUS_HTTP_HOST: '127.0.0.1',
    QUARKUS_HTTP_PORT: String(port),
    QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
    QUARKUS_MANAGEMENT_PORT: String(managementPort),
  };
  const jar = ['-jar', join(engines.registry.folder, 'quarkus-run.jar')];
  const registry = await spawnDaemon(engines.java.command, jar, { logFile: join(folder, 'log'), cwd: folder, env });
  onTestFinished(() => terminate(registry, 10_000));
  const subjects = `http://127.0.0.1:${port}/apis/ccompat/v7/subjects`;
  const answered = async (): Promise<boolean> =>
    (await fetch(subjects, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined))?.ok === true;
  await waitFor('the registry to answer', answered, { timeoutMs: 90_000, intervalMs: 300 });
  expect(existsSync(join(folder, 'registry.mv.db'))).toBe(true);
  expect(readFileSync(join(folder, 'log'), 'utf8')).toContain('Picked up JAVA_TOOL_OPTIONS');
});

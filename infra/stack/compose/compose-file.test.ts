import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { labScopeName, scopeOf } from '../../contract/scope.ts';
import { packageRoot } from '../../package-root.ts';
import { brokerSettings, controllerSettings } from '../native/nodes/kafka-settings.ts';
import { type PortName, portsFor } from '../ports.ts';
import { brokerTuning, type Settings } from '../settings/kafka.ts';
import { brokerIds, nodeNames } from '../stack.ts';
import { composeFile, services } from './compose-file.ts';
import { brokerProperties, controllerProperties } from './containers/kafka.ts';
import { isPublished, portVariable, type Service } from './service.ts';

/** What can be seen of docker-compose.yml without a Docker engine. */

const text = readFileSync(join(packageRoot, 'docker-compose.yml'), 'utf8');
const file = parse(text) as { name: string; version?: string; services: Record<string, Service>; volumes: object };
const all = Object.entries(file.services);
const oneShot = (name: string): boolean => name.startsWith('init-');

test('the file in git is the one that `npm run compose` writes', () => {
  expect(text).toBe(composeFile());
});

test('it says that it was never run', () => {
  expect(text).toContain('not\n# executed');
});

test('one project name, no version key, every node of the native stack and what the runbook opens', () => {
  expect(file.name).toBe('labctl');
  expect(file).not.toHaveProperty('version');
  const opened = ['kafka-ui', 'grafana', 'prometheus', 'redis-cluster'];
  expect(Object.keys(file.services)).toEqual(expect.arrayContaining([...nodeNames, ...opened]));
});

describe.each(all)('%s', (name, service) => {
  test('is not restarted behind the back of who kills it; memory and log are bounded', () => {
    expect(service.restart).toBe('no');
    expect(service.mem_limit).toMatch(/^\d+m$/);
    expect(service.logging.options['max-size']).toBe('8m');
  });

  test('has a pinned image', () => {
    expect(service.image).toMatch(/:v?\d+\.\d+(\.\d+)?$/);
  });

  test('has a health check, unless it is one-shot', () => {
    if (oneShot(name)) expect(service.healthcheck).toBeUndefined();
    else expect(service.healthcheck?.test[0]).toBe('CMD');
  });

  test('waits only for what can come true', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      const awaited = file.services[other];
      expect(awaited, other).toBeDefined();
      if (condition === 'service_healthy') expect(awaited?.healthcheck, other).toBeDefined();
      else expect([condition, oneShot(other)]).toEqual(['service_completed_successfully', true]);
    }
  });

  test('publishes on the loopback address only, on the ports of native', () => {
    for (const port of service.ports ?? []) {
      const [, variable, base] = /^127\.0\.0\.1:\$\{([A-Z0-9_]+):-(\d+)\}:/.exec(port) ?? [];
      const known = Object.entries(portsFor(0)).find(([candidate]) => portVariable(candidate as never) === variable);
      expect(known?.[1], port).toBe(Number(base));
    }
  });

  test('mounts files that exist, and volumes that are declared', () => {
    for (const mount of service.volumes ?? []) {
      const [source = ''] = mount.split(':');
      if (source.startsWith('./')) expect(existsSync(join(packageRoot, source)), source).toBe(true);
      else expect(file.volumes).toHaveProperty([source]);
    }
  });
});

test('every port of the lab is published, once', () => {
  const published = all.flatMap(([, { ports }]) => ports ?? []).map((port) => /:-(\d+)\}/.exec(port)?.[1]);
  const names = Object.keys(portsFor(0)) as PortName[];
  const expected = names.filter(isPublished).map((name) => String(portsFor(0)[name]));
  expect(published.toSorted()).toEqual(expected.toSorted());
});

test('versions are those that native fetches', () => {
  const pinned = (engine: string): string | undefined =>
    /<engine\.version>([^<]+)</.exec(
      readFileSync(join(packageRoot, 'infra', 'stack', 'native', 'poms', `${engine}.xml`), 'utf8'),
    )?.[1];
  for (const node of ['kafka-controller', 'kafka-1', 'kafka-2', 'kafka-3', 'init-topics']) {
    expect(file.services[node]?.image).toBe(`apache/kafka:${pinned('kafka')}`);
  }
  expect(file.services['schema-registry']?.image).toBe(`apicurio/apicurio-registry:${pinned('schema-registry')}`);
});

describe('Kafka is set as native sets it', () => {
  /** Where a process listens and keeps its data is what differs. */
  const places = /listeners|listener\.|quorum\.voters|^log\.dirs$/;
  const withoutPlaces = (settings: Settings): Settings =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => !places.test(name)));

  test('the controller', () => {
    expect(withoutPlaces(controllerProperties())).toEqual(withoutPlaces(controllerSettings(portsFor(0), 'd')));
  });

  test.each([1, 2, 3] as const)('broker %i', (id) => {
    const ours = withoutPlaces(brokerProperties(`kafka-${id}`));
    expect(ours).toEqual(withoutPlaces(brokerSettings(id, portsFor(0), 'd')));
    expect(Object.keys(ours).length).toBeGreaterThan(Object.keys(brokerTuning).length);
  });

  test('each broker tells programs of this machine its own published port', () => {
    for (const [name, id] of Object.entries(brokerIds)) {
      const advertised = file.services[name]?.environment?.KAFKA_ADVERTISED_LISTENERS;
      const port = portsFor(0)[`kafka-${id}` as keyof typeof brokerIds];
      expect(advertised).toBe(
        `INTERNAL://${name}:29092,HOST://127.0.0.1:\${LABCTL_PORT_${name.toUpperCase().replace('-', '_')}:-${port}}`,
      );
    }
  });
});

test('plain `docker compose up -d` makes what `labctl up` makes, and returns when it is made', () => {
  const lab = scopeOf(labScopeName);
  const { topics } = lab;
  expect(file.services['init-topics']?.command?.slice(1)).toEqual([
    '3',
    '2',
    `${topics.events}:6:1048588`,
    `${topics.retry5s}:3:1114124`,
    `${topics.retry1m}:3:1114124`,
    `${topics.dlq}:3:1114124`,
  ]);
  expect(file.services['init-schema']?.command).toEqual([
    'schema-registry',
    '8080',
    'BACKWARD',
    'account.balance.v1-value',
    '/contract/balance-changed.v1.avsc',
  ]);
  expect(file.services['init-database']?.command?.[2]).toBe(lab.database);
  const awaited = Object.keys(file.services['kafka-ui']?.depends_on ?? {});
  expect(awaited.filter(oneShot).toSorted()).toEqual(Object.keys(services).filter(oneShot).toSorted());
});

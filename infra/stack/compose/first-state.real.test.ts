import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { waitFor } from '../../clock.ts';
import { type Scope, scopeOf } from '../../contract/scope.ts';
import { eventTopicShape, topicsOf } from '../../kafka/topics.ts';
import { migrationLock, migrationTables } from '../../mysql/migrate.ts';
import { packageRoot } from '../../package-root.ts';
import { type RunResult, run } from '../../process.ts';
import { subjectOf } from '../../registry/codec.ts';
import { prepareScope } from '../../scope/prepare.ts';
import { removeScope } from '../../scope/remove.ts';
import { fetchKafkaTools } from '../native/fetch/fetch-engines.ts';
import { writeShims } from '../native/shims.ts';
import { portsFor } from '../ports.ts';

/**
 * The scripts that run in the containers, here on the engines of the native stack: what they leave must be what
 * `labctl up` leaves, and what they call healthy must be what answers.
 */

const endpoints = inject('endpoints');
const config = inject('config');
const ports = portsFor(config.portOffset);
const scriptTimeoutMs = 60_000;
let tools: string;

beforeAll(async () => {
  await fetchKafkaTools({ config, env: process.env, onEvent() {}, signal: AbortSignal.timeout(100_000) });
  tools = await writeShims(config);
});

function script(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
  const file = join(packageRoot, 'infra', 'stack', 'compose', 'scripts', name);
  const path = `${tools}:${process.env.PATH}`;
  return run('bash', [file, ...args], { env: { ...process.env, ...env, PATH: path }, timeoutMs: scriptTimeoutMs });
}

/** Nothing is made in it yet. */
function bareScope(): Scope {
  const scope = scopeOf(`test_${randomBytes(4).toString('hex')}`);
  onTestFinished(() => removeScope(endpoints, scope));
  return scope;
}

function initTopics(scope: Scope, program = join(tools, 'kafka-topics')): Promise<RunResult> {
  const { replicationFactor, minInSyncReplicas } = eventTopicShape;
  const wanted = topicsOf(scope).map((topic) => `${topic.topic}:${topic.partitions}:${topic.recordBytesMax}`);
  const args = [endpoints.kafka.join(','), String(replicationFactor), String(minInSyncReplicas), ...wanted];
  return script('init-topics.sh', args, { KAFKA_TOPICS: program, RETRY_SECONDS: '0.1' });
}

/** Of a scope's topics: partitions, replicas and what is set, whatever their names. */
async function shapesOf(scope: Scope): Promise<readonly string[]> {
  const { stdout } = await run(
    join(tools, 'kafka-topics'),
    ['--bootstrap-server', endpoints.kafka.join(','), '--describe'],
    { timeoutMs: scriptTimeoutMs },
  );
  return topicsOf(scope).map(({ topic }) => {
    const line = stdout
      .split('\n')
      .find((one) => one.startsWith(`Topic: ${topic}\t`) && one.includes('PartitionCount'));
    const [, counts = '', settings = ''] = /(PartitionCount:.*)Configs: *(.*)$/.exec(line ?? '') ?? [];
    return `${counts.trim().replace(/\s+/g, ' ')} ${settings.split(',').toSorted().join(' ')}`;
  });
}

function initDatabase({ database }: Scope): Promise<RunResult> {
  const { host, port, password } = endpoints.mysql;
  const migrations = join(packageRoot, 'infra', 'mysql', 'migrations');
  const args = [host, String(port), database, migrationLock(database), migrationTables, migrations];
  return script('init-database.sh', args, { MYSQL_PWD: password });
}

function initSchema(
  subject: string,
  { compatibility = 'BACKWARD', port = ports['schema-registry'] } = {},
): Promise<RunResult> {
  const file = join(packageRoot, 'infra', 'contract', 'balance-changed.v1.avsc');
  const args = ['127.0.0.1', String(port), compatibility, subject, file];
  return script('init-schema.sh', args, { RETRY_SECONDS: '0.05' });
}

test('the one-shot services leave nothing to do for labctl up', { timeout: 180_000 }, async () => {
  const scope = bareScope();
  const made = await Promise.all([initTopics(scope), initDatabase(scope), initSchema(subjectOf(scope.topics.events))]);
  expect(made.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(made.map(() => [0, expect.any(String)]));
  expect(await prepareScope(endpoints, scope)).toEqual({ migrations: [], topics: [] });
  const versions = await fetch(`${endpoints.registry}/subjects/${subjectOf(scope.topics.events)}/versions`);
  expect(await versions.json()).toEqual([1]);
  const shapes = await shapesOf(scope);
  expect(shapes[0]).toMatch(/^PartitionCount: 6 ReplicationFactor: 3 max\.message\.bytes=\d+ min\.insync\.replicas=2/);
  const byLabctl = bareScope();
  await prepareScope(endpoints, byLabctl);
  expect(shapes).toEqual(await shapesOf(byLabctl));
});

test('what Kafka refuses at first is tried again, and at last refused', { timeout: 180_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-topics-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'kafka-topics.sh');
  const failing = (times: number): void => {
    writeFileSync(join(folder, 'left'), 'x\n'.repeat(times));
    const lines = [
      'if [ -s "$0.left" ]; then sed -i 1d "$0.left"; echo "not enough brokers" >&2; exit 1; fi',
      `exec '${join(tools, 'kafka-topics')}' "$@"`,
    ];
    writeFileSync(program, ['#!/bin/bash', ...lines, ''].join('\n').replaceAll('$0.left', join(folder, 'left')));
    chmodSync(program, 0o755);
  };
  failing(3);
  const scope = bareScope();
  expect((await initTopics(scope, program)).exitCode).toBe(0);
  expect((await prepareScope(endpoints, scope)).topics).toEqual([]);
  failing(1_000);
  const { exitCode, stderr } = await initTopics(scope, program);
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('not enough brokers');
});

test('a registry that hangs up without an answer is asked again, and at last given up', {
  timeout: 60_000,
}, async () => {
  let hangUps = 2;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    if (hangUps-- > 0) socket.end();
    else socket.on('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\n{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  expect((await initSchema('any-value', { port })).exitCode).toBe(0);
  hangUps = 1_000;
  const { exitCode, stderr } = await initSchema('any-value', { port });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('PUT /config: none');
});

test('and the other way round: what labctl up made they leave alone, and again', { timeout: 180_000 }, async () => {
  const scope = bareScope();
  const { migrations } = await prepareScope(endpoints, scope);
  const [topics, database, schema] = await Promise.all([
    initTopics(scope),
    initDatabase(scope),
    initSchema(subjectOf(scope.topics.events)),
  ]);
  expect(topics.stdout.split('\n')).toEqual(topicsOf(scope).map(({ topic }) => `${topic} is there already`));
  expect(database.stdout.split('\n')).toEqual(migrations.map((name) => `${name} is there already`));
  expect(schema.exitCode).toBe(0);
});

test('two migrations at once take turns', async () => {
  const scope = bareScope();
  const results = await Promise.all([initDatabase(scope), initDatabase(scope)]);
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(results.map(({ stdout }) => /^migrated/.test(stdout)).toSorted()).toEqual([false, true]);
});

test('a registry that refuses ends the script with its reason', async () => {
  const { exitCode, stderr } = await initSchema('test-never-value', { compatibility: 'NONSENSE' });
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('Invalid compatibility level: NONSENSE');
});

test('healthy is who answers its own protocol, and nobody else', { timeout: 180_000 }, async () => {
  const silent = createServer(() => {});
  onTestFinished(() => void silent.close());
  const silentPort = await new Promise<number>((resolve) => {
    silent.listen(0, '127.0.0.1', () => resolve((silent.address() as { port: number }).port));
  });
  const kafka = (port: number) => script('kafka-answers.sh', ['127.0.0.1', String(port)]);
  const http = (port: number, path: string) => script('http-answers.sh', [String(port), path]);
  // A busy machine may let one of them wait; in a container it would be asked again as well.
  const healthy = (ask: () => Promise<RunResult>) =>
    waitFor('a healthy answer', async () => (await ask()).exitCode === 0, { timeoutMs: 30_000, intervalMs: 200 });
  const codes = async (results: readonly Promise<RunResult>[]) =>
    (await Promise.all(results)).map(({ exitCode }) => exitCode === 0);
  const nodes = ['kafka-controller', 'kafka-1', 'kafka-2', 'kafka-3'] as const;
  for (const node of nodes) await healthy(() => kafka(ports[node]));
  expect(await codes([kafka(ports.mysql), kafka(silentPort), kafka(ports.grafana)])).toEqual([false, false, false]);
  const registry = ports['schema-registry'];
  await healthy(() => http(registry, '/apis/ccompat/v7/subjects'));
  const unwell = [http(registry, '/nowhere'), http(silentPort, '/'), http(ports.grafana, '/')];
  expect(await codes(unwell)).toEqual([false, false, false]);
});

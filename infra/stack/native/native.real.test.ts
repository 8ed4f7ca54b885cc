import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import type { Config } from '../../config.ts';
import { EngineError, InterruptedError, RefusedError } from '../../errors.ts';
import { mysqlConnection } from '../../mysql/pool.ts';
import { isAlive } from '../../process.ts';
import { portsFor } from '../ports.ts';
import { type NodeName, type NodeStatus, nodeNames, type StackEvent } from '../stack.ts';
import { layoutOf } from './layout.ts';
import { createNativeStack } from './native-stack.ts';
import { removeRecord } from './node-record.ts';
import { liveBrokers } from './nodes/kafka-wire.ts';

const config = inject('config');
const endpoints = inject('endpoints');
const stack = createNativeStack(config);
const signal = AbortSignal.timeout(55_000);

/** Whatever a test broke: the files that run after this one get a whole stack. */
afterAll(() => stack.up(() => {}, new AbortController().signal));

test('every node runs, is known by pid and start time, and says what it uses', async () => {
  const nodes = await stack.status();
  expect(nodes.map(({ node }) => node)).toEqual([...nodeNames]);
  for (const { state, process, usage, version, port } of nodes) {
    expect(state).toBe('running');
    expect(process === undefined ? false : await isAlive(process)).toBe(true);
    expect(usage?.rssBytes).toBeGreaterThan(5e6);
    expect(version).toMatch(/^\d+\.\d+/);
    expect(Object.values(portsFor(config.portOffset))).toContain(port);
  }
});

test('up leaves alone what runs; two at once both come back', async () => {
  const before = await stack.status();
  await Promise.all([stack.up(() => {}, signal), createNativeStack(config).up(() => {}, signal)]);
  expect(pidsOf(await stack.status())).toEqual(pidsOf(before));
});

test('a killed broker is dead until it is started, then knows the other two again', async () => {
  await stack.kill('kafka-2');
  expect((await statusOf('kafka-2')).state).toBe('dead');
  await expect(stack.kill('kafka-2')).rejects.toThrow(RefusedError);
  await stack.start('kafka-2', signal);
  expect((await statusOf('kafka-2')).state).toBe('running');
  expect([...(await liveBrokers(stack.endpoint('kafka-2')))].sort()).toEqual([1, 2, 3]);
});

test('a killed MySQL is repaired by up at once, with all that was committed; the others are not touched', async () => {
  await sql('CREATE TABLE IF NOT EXISTS survives (id INT PRIMARY KEY)');
  await sql('REPLACE INTO survives VALUES (1)');
  const before = await stack.status();
  await stack.kill('mysql');
  const events: StackEvent[] = [];
  await stack.up((event) => events.push(event), signal);
  expect(startedIn(events)).toEqual(['mysql']);
  expect(await sql('SELECT id FROM survives')).toEqual([{ id: 1 }]);
  await sql('DROP TABLE survives');
  const others = (nodes: readonly NodeStatus[]) => pidsOf(nodes.filter(({ node }) => node !== 'mysql'));
  expect(others(await stack.status())).toEqual(others(before));
});

test('a node whose record is lost is found again, not started twice', async () => {
  const before = (await statusOf('redis')).process;
  removeRecord(layoutOf(config.stateDir), 'redis');
  expect((await statusOf('redis')).state).toBe('stopped');
  await stack.up(() => {}, signal);
  expect((await statusOf('redis')).process).toEqual(before);
});

test('a taken port is named with its holder before anything is started', async () => {
  const other = otherStack(40);
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(other.port, '127.0.0.1', () => resolve()));
  const events: StackEvent[] = [];
  const refused = other.stack.up((event) => events.push(event), signal);
  await expect(refused).rejects.toThrow(EngineError);
  await expect(refused).rejects.toThrow(new RegExp(`${other.port} \\(mysql\\) by .* \\(pid ${process.pid}\\)`));
  expect(events).toEqual([]);
  expect((await other.stack.status()).every(({ state }) => state === 'stopped')).toBe(true);
});

test('an interrupted up leaves a stack that down knows how to end', async () => {
  const other = otherStack(80);
  const stop = new AbortController();
  const interrupted = other.stack.up((event) => {
    if (event.kind === 'node' && event.node === 'kafka-1') stop.abort();
  }, stop.signal);
  await expect(interrupted).rejects.toThrow(InterruptedError);
  const running = (await other.stack.status()).flatMap(({ process }) => process ?? []);
  expect(running.length).toBeGreaterThan(0);
  await other.stack.down({ wipe: true }, () => {});
  expect(await Promise.all(running.map(isAlive))).not.toContain(true);
  expect((await other.stack.status()).every(({ state }) => state === 'stopped')).toBe(true);
});

/** A stack of its own, on ports that nobody else tests with. */
function otherStack(offset: number) {
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-stack-'));
  const moved: Config = { ...config, portOffset: config.portOffset + offset, stateDir };
  const other = createNativeStack(moved);
  onTestFinished(async () => {
    await other.down({ wipe: true }, () => {});
    rmSync(stateDir, { recursive: true });
  });
  return { stack: other, port: portsFor(moved.portOffset).mysql };
}

async function statusOf(name: NodeName): Promise<NodeStatus> {
  const found = (await stack.status()).find(({ node }) => node === name);
  if (found === undefined) throw new Error(`status lacks ${name}`);
  return found;
}

function pidsOf(nodes: readonly NodeStatus[]): readonly (number | undefined)[] {
  return nodes.map(({ process }) => process?.pid);
}

function startedIn(events: readonly StackEvent[]): readonly NodeName[] {
  return events.flatMap((event) => (event.kind === 'node' && event.phase === 'starting' ? [event.node] : []));
}

async function sql(statement: string): Promise<unknown> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: 'lab', owner: 'test' });
  try {
    return (await connection.query(statement))[0];
  } finally {
    connection.destroy();
  }
}

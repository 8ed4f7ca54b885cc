import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { RefusedError } from '../../errors.ts';
import { type FakeDocker, fakeDocker } from '../../testing/fake-docker.ts';
import { nodeNames, type Stack, type StackEvent } from '../stack.ts';
import { createComposeStack } from './compose-stack.ts';
import { composeFilePath } from './docker.ts';

/** Docker itself is doubled: there is no engine here. What is tested is what the driver asks of it and makes of answers. */

const { signal } = new AbortController();
let docker: FakeDocker;
let stack: Stack;
/** How often the servers of the Redis Cluster were made one. */
let joined: number;

function stackAt(offset: string): Stack {
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-compose-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  const config = readConfig({ LABCTL_PORT_OFFSET: offset, LABCTL_STATE_DIR: stateDir, LABCTL_LANG: 'en' });
  const engines = {
    answers: async () => true,
    whole: async () => true,
    async joinCluster() {
      joined += 1;
    },
  };
  return createComposeStack({ config, env: docker.env, engines });
}

const row = (Service: string, State: string, ExitCode = 0, Health = ''): string =>
  JSON.stringify({ Service, State, ExitCode, Health, Image: 'apache/kafka:4.4.0' });
const members = (...states: readonly string[]): void => docker.answer('exec', `printf '%s\\n' ${states.join(' ')}`);
const containers = (...rows: readonly string[]): void => docker.answer('ps', `cat <<'E'\n${rows.join('\n')}\nE\n`);

beforeEach(() => {
  docker = fakeDocker();
  joined = 0;
  docker.answer('ls', 'echo "[]"');
  stack = stackAt('0');
});

const ps = 'labctl: --profile on-demand ps --all --format json';
const ls = 'labctl: --profile on-demand ls --all --format json';

describe('up', () => {
  test("is the operator's own command, without on-demand services, and tells what it starts", async () => {
    containers(row('mysql', 'running'));
    const events: StackEvent[] = [];
    await stack.up((event) => events.push(event), signal);
    expect(docker.calls()).toEqual([ls, ps, 'labctl: up --detach']);
    const nodes = (phase: string) =>
      events.flatMap((event) => (event.kind === 'node' && event.phase === phase ? [event.node] : []));
    expect(nodes('starting')).toEqual(nodeNames.filter((node) => node !== 'mysql'));
    expect(nodes('ready').toSorted()).toEqual([...nodeNames].toSorted());
  });

  test('thaws what is frozen first: Docker would refuse to start it', async () => {
    containers(row('kafka-2', 'paused'));
    await stack.up(() => {}, signal);
    expect(docker.calls().slice(-2)).toEqual(['labctl: --profile on-demand unpause kafka-2', 'labctl: up --detach']);
  });

  test("fails with Docker's own reason", async () => {
    containers();
    docker.answer('up', "echo 'pulling' >&2; echo 'no space left on device' >&2; exit 1");
    await expect(stack.up(() => {}, signal)).rejects.toMatchObject({
      name: 'EngineError',
      why: 'pulling · no space left on device',
    });
  });

  const projectAt = (file: string): void =>
    docker.answer('ls', `echo '[{"Name":"labctl","Status":"running(11)","ConfigFiles":"${file}"}]'`);

  test('as all that changes something leaves the project of another clone alone', async () => {
    projectAt('/home/me/other/docker-compose.yml');
    containers(row('kafka-2', 'paused'), row('redis-cluster', 'running'));
    const changes = [
      () => stack.up(() => {}, signal),
      () => stack.down({ wipe: true }, () => {}),
      () => stack.ensure('prometheus', () => {}, signal),
      ...(['kafka-2', 'redis-cluster-1'] as const).flatMap((node) => [
        ...(['kill', 'pause', 'resume', 'stop'] as const).map((verb) => () => stack[verb](node)),
        () => stack.start(node, signal),
      ]),
    ];
    for (const change of changes) await expect(change()).rejects.toThrow(RefusedError);
    expect(docker.calls()).toEqual(changes.map(() => ls));
  });

  test('takes its own project for its own, by whatever path', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'labctl-link-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const link = join(folder, 'docker-compose.yml');
    symlinkSync(composeFilePath, link);
    for (const file of [composeFilePath, link]) {
      projectAt(file);
      containers();
      await stack.up(() => {}, signal);
      expect(docker.calls().at(-1)).toBe('labctl: up --detach');
    }
  });
});

test('moved ports are another project, and every port comes as a variable', async () => {
  docker.answer('up', 'env | grep ^LABCTL_PORT_ | sort >"$here/seen"; cat "$here/seen" >&2; exit 1');
  containers();
  const failing = stackAt('300').start('kafka-1', signal);
  await expect(failing).rejects.toMatchObject({
    why: 'LABCTL_PORT_SCHEMA_REGISTRY=18391 · LABCTL_PORT_SCHEMA_REGISTRY_MANAGEMENT=18392',
  });
  expect(docker.calls().at(-1)).toBe('labctl-300: --profile on-demand up --detach --no-deps --no-recreate kafka-1');
});

test.each([
  { wipe: false, command: 'down --remove-orphans' },
  { wipe: true, command: 'down --remove-orphans --volumes' },
])('down takes on-demand services along (wipe: $wipe)', async ({ wipe, command }) => {
  containers(row('kafka-1', 'running'), row('kafka-controller', 'running'));
  const stopping: string[] = [];
  await stack.down({ wipe }, (event) => {
    if (event.kind === 'node' && event.phase === 'stopping') stopping.push(event.node);
  });
  expect(stopping).toEqual(['kafka-1', 'kafka-controller']);
  expect(docker.calls().at(-1)).toBe(`labctl: --profile on-demand ${command}`);
});

test('status is what Docker says now; a node without a container is stopped', async () => {
  containers(row('kafka-1', 'exited', 137), row('kafka-2', 'paused'), row('kafka-3', 'running'));
  const nodes = await stack.status();
  expect(nodes.map(({ node }) => node)).toEqual([...nodeNames]);
  const brokers = nodes.filter(({ node }) => /^kafka-\d/.test(node));
  expect(brokers.map(({ state, version, port }) => [state, version, port])).toEqual([
    ['dead', '4.4.0', 19092],
    ['paused', '4.4.0', 19094],
    ['running', '4.4.0', 19096],
  ]);
  expect(nodes.find(({ node }) => node === 'redis')).toEqual({ node: 'redis', state: 'stopped', port: 16379 });
});

test('on-demand engines are shown once they have a container, the servers of the cluster each by itself', async () => {
  containers(row('redis-cluster', 'running'), row('prometheus', 'exited', 137));
  docker.answer('exec', "printf 'running\\nrunning\\ndead\\npaused\\nstopped\\nrunning\\n'");
  const states = (await stack.status()).slice(nodeNames.length).map(({ node, state }) => `${node} ${state}`);
  expect(states).toEqual([
    'redis-cluster-1 running',
    'redis-cluster-2 running',
    'redis-cluster-3 dead',
    'redis-cluster-4 paused',
    'redis-cluster-5 stopped',
    'redis-cluster-6 running',
    'prometheus dead',
  ]);
});

test('what no container runs is refused in words', async () => {
  await expect(stack.ensure('mysql-proxy', () => {}, signal)).rejects.toThrow(RefusedError);
  await expect(stack.start('mysql-proxy', signal)).rejects.toThrow(RefusedError);
});

/** All calls but the questions. */
const changes = (): readonly string[] => docker.calls().filter((call) => call !== ps && call !== ls);

describe('faults', () => {
  test.each([
    ['kill', 'kill --signal SIGKILL kafka-2'],
    ['pause', 'pause kafka-2'],
  ] as const)('%s', async (verb, command) => {
    containers(row('kafka-2', 'running'));
    await stack[verb]('kafka-2');
    expect(docker.calls()).toEqual([ls, ps, `labctl: --profile on-demand ${command}`]);
  });

  test.each(['kill', 'pause'] as const)('%s refuses what does not run', async (verb) => {
    containers(row('kafka-2', 'exited', 137));
    await expect(stack[verb]('kafka-2')).rejects.toThrow(RefusedError);
    expect(docker.calls()).toEqual([ls, ps]);
  });

  test('what is frozen is not frozen again, and only what is frozen is thawed', async () => {
    containers(row('kafka-2', 'paused'), row('kafka-3', 'running'));
    await stack.pause('kafka-2');
    await stack.resume('kafka-3');
    await stack.resume('kafka-2');
    expect(changes()).toEqual(['labctl: --profile on-demand unpause kafka-2']);
  });

  test('stop, and start of one alone', async () => {
    await stack.stop('mysql');
    await stack.start('mysql', signal);
    expect(changes()).toEqual([
      'labctl: --profile on-demand stop mysql',
      'labctl: --profile on-demand up --detach --no-deps --no-recreate mysql',
    ]);
  });
});

describe('Redis Cluster', () => {
  const inside = (): readonly string[] =>
    docker.calls().flatMap((call) => /redis-cluster\.sh (?!state)(.*)$/.exec(call)?.[1] ?? []);

  test('a server is met alone, inside the container of all six', async () => {
    containers(row('redis-cluster', 'running'));
    members(...Array.from({ length: 6 }, () => 'running'));
    for (const verb of ['kill', 'pause', 'resume', 'stop'] as const) await stack[verb]('redis-cluster-3');
    await stack.start('redis-cluster-3', signal);
    expect(inside()).toEqual(['kill', 'pause', 'resume', 'stop', 'start'].map((verb) => `${verb} /data 17003`));
  });

  test.each(['kill', 'pause'] as const)('%s refuses a server that does not run among five that do', async (verb) => {
    containers(row('redis-cluster', 'running'));
    members('running', 'running', 'dead', 'running', 'running', 'running');
    await expect(stack[verb]('redis-cluster-3')).rejects.toThrow(RefusedError);
    expect(inside()).toEqual([]);
  });

  test('resumed where its container is gone, nothing is done; where all six are frozen, they are thawed', async () => {
    containers(row('redis-cluster', 'exited', 137));
    await stack.resume('redis-cluster-3');
    expect(changes()).toEqual([]);
    containers(row('redis-cluster', 'paused'));
    await stack.resume('redis-cluster-3');
    expect(changes()[0]).toBe('labctl: --profile on-demand unpause redis-cluster');
    expect(inside()).toEqual(['resume /data 17003']);
  });

  const upOne = 'labctl: --profile on-demand up --detach --no-deps --no-recreate';

  test('ensured, it is healthy, its dead servers are started, and all six are made one', async () => {
    containers(row('redis-cluster', 'running', 0, 'healthy'));
    members('running', 'dead', 'running', 'running', 'stopped', 'running');
    await stack.ensure('redis-cluster', () => {}, signal);
    expect(changes()).toContain(`${upOne} --wait --wait-timeout 120 redis-cluster`);
    expect(inside()).toEqual(['start /data 17002', 'start /data 17005']);
    expect(joined).toBe(1);
  });

  test('one that is unhealthy is not waited for before it is repaired', async () => {
    containers(row('redis-cluster', 'running', 0, 'unhealthy'));
    members(...Array.from({ length: 6 }, () => 'running'));
    await stack.ensure('redis-cluster', () => {}, signal);
    expect(changes()).toContain(`${upOne} redis-cluster`);
    expect(joined).toBe(1);
  });

  test('frozen servers are named, not waited for', async () => {
    containers(row('redis-cluster', 'running', 0, 'healthy'));
    members('running', 'paused', 'running', 'running', 'running', 'running');
    const ensured = stack.ensure('redis-cluster', () => {}, signal);
    await expect(ensured).rejects.toMatchObject({ name: 'EngineError', message: 'paused: redis-cluster-2' });
    expect(joined).toBe(0);
  });
});

test('who asks often gets one answer of Docker, until something is changed from here', async () => {
  containers(row('kafka-2', 'running'));
  const asked = (): number => docker.calls().filter((call) => call === ps).length;
  await Promise.all([stack.status(), stack.status()]);
  await stack.status();
  expect(asked()).toBe(1);
  await stack.kill('kafka-2');
  containers(row('kafka-2', 'exited', 137));
  expect((await stack.status()).find(({ node }) => node === 'kafka-2')?.state).toBe('dead');
});

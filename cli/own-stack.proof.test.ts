import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stringify } from 'yaml';
import { systemClock } from '../infra/clock.ts';
import { kafkaClient } from '../infra/kafka/client.ts';
import { packageRoot } from '../infra/package-root.ts';
import { run } from '../infra/process.ts';
import type { Endpoints } from '../infra/stack/stack.ts';
import { commitOffsets } from '../infra/testing/commit-offsets.ts';
import { type SecondStack, secondStack } from '../infra/testing/second-stack.ts';

/** A tour of somebody else's stack by the command itself, as a process: what reads, what says not permitted or not mapped. */

let stack: SecondStack;
let folder = '';

beforeAll(async () => {
  stack = await secondStack(inject('endpoints'));
  const kafka = kafkaClient({ brokers: inject('endpoints').kafka, clientId: 'test.tour' });
  const { groupId = '', topic = '' } = stack.roles.groups.projector ?? {};
  await commitOffsets(kafka, { groupId, topic }, [{ partition: 0, offset: '0' }]);
  folder = mkdtempSync(join(tmpdir(), 'labctl-tour-'));
  const { database, ...roles } = stack.roles;
  const profile = (endpoints: Partial<Endpoints>) => {
    const { kafka, mysql, redis } = endpoints;
    const login = (given: { readonly host: string; readonly port: number; readonly user?: string } | undefined) => ({
      ...{ host: given?.host, port: given?.port, user: given?.user },
      password: secret,
    });
    return { kafka: { brokers: kafka }, mysql: { ...login(mysql), database }, redis: login(redis) };
  };
  const checks = [{ id: 'none', sql: 'SELECT 1 FROM DUAL WHERE FALSE' }];
  const profiles = {
    whole: { ...profile(stack.endpoints), roles, checks },
    bare: { ...profile(stack.bare), roles, checks },
    'no-roles': profile(stack.endpoints),
  };
  writeFileSync(join(folder, 'labctl.yaml'), stringify({ profiles }));
}, 120_000);

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stack?.remove();
});

const secret = ['$', '{SECOND_PW}'].join('');

interface Called {
  readonly code: number | undefined;
  readonly stdout: string;
  readonly seconds: number;
}

async function labctl(...args: readonly string[]): Promise<Called> {
  const startMs = systemClock.monotonic();
  const env = { ...process.env, SECOND_PW: stack.endpoints.mysql?.password ?? '', LABCTL_LANG: 'en' };
  const result = await run(join(packageRoot, 'bin', 'labctl'), args, { timeoutMs: 180_000, cwd: folder, env });
  expect(result.stdout + result.stderr).not.toContain(env.SECOND_PW);
  const seconds = (systemClock.monotonic() - startMs) / 1_000;
  return { code: result.exitCode, stdout: result.stdout, seconds };
}

test('the tour, three accounts; and how long the first number takes', async ({ annotate }) => {
  await labctl('--version'); // compiles what has changed
  const tours = new Map<string, string>();
  for (const profile of ['whole', 'bare', 'no-roles']) {
    const { stdout } = await labctl('profile', 'show', profile, '--check');
    tours.set(profile, stdout);
    await annotate(`${profile}:\n${stdout}`);
  }
  expect(tours.get('whole')).not.toMatch(/not permitted|✗/);
  expect(tours.get('bare')).toMatch(/not permitted/);
  expect(tours.get('no-roles')).toMatch(/not mapped/);
  expect(tours.get('no-roles')).not.toMatch(/not permitted/);
  const first = await labctl('get', 'kafka.group-lag', '--profile', 'whole', '--json');
  expect(first.stdout).toContain('"status": "ok"');
  await annotate(
    `seconds to the first number of get kafka.group-lag (two readings, a second apart): ${first.seconds.toFixed(1)}`,
  );
  const all = await labctl('diagnose', 'all', '--profile', 'bare');
  expect([1, 2]).toContain(all.code);
}, 600_000);

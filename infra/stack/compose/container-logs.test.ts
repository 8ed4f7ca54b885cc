import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../config.ts';
import { RefusedError, UserError } from '../../errors.ts';
import { type FakeDocker, fakeDocker } from '../../testing/fake-docker.ts';
import type { Stack } from '../stack.ts';
import { createComposeStack } from './compose-stack.ts';

const { signal } = new AbortController();
let docker: FakeDocker;
let stack: Stack;

const running = (Service: string): void =>
  docker.answer('ps', `echo '${JSON.stringify({ Service, State: 'running' })}'`);

beforeEach(() => {
  docker = fakeDocker();
  const stateDir = mkdtempSync(join(tmpdir(), 'labctl-logs-'));
  onTestFinished(() => rmSync(stateDir, { recursive: true }));
  stack = createComposeStack({ config: readConfig({ LABCTL_STATE_DIR: stateDir }), env: docker.env });
});

test('logs come line by line, from stdout and stderr alike', async () => {
  running('mysql');
  docker.answer('logs', 'echo one; echo two >&2; echo three');
  const lines = await Array.fromAsync(stack.logs('mysql', { lines: 20, follow: false, signal }));
  expect(lines.toSorted()).toEqual(['one', 'three', 'two']);
  expect(docker.calls().at(-1)).toBe('labctl: --profile on-demand logs --no-color --no-log-prefix --tail 20 mysql');
});

test('logs that are followed end with the signal', async () => {
  running('mysql');
  docker.answer('logs', 'echo one; exec sleep 60');
  const stop = new AbortController();
  const seen: string[] = [];
  for await (const line of stack.logs('mysql', { lines: 0, follow: true, signal: stop.signal })) {
    seen.push(line);
    stop.abort();
  }
  expect(seen).toEqual(['one']);
});

test.each([
  { docker: 'fails', answers: { logs: 'echo one; echo "no space left" >&2; exit 1' } },
  { docker: 'is gone', answers: { ps: 'echo "no space left" >&2; exit 1' } },
])('logs of a docker that $docker end with its own words', async ({ answers }) => {
  running('mysql');
  for (const [word, script] of Object.entries(answers)) docker.answer(word, script);
  const reading = Array.fromAsync(stack.logs('mysql', { lines: 20, follow: false, signal }));
  await expect(reading).rejects.toMatchObject({ name: 'EngineError', why: 'no space left' });
});

test('logs of what never ran are none, and of what no container runs neither', async () => {
  running('mysql');
  const read = (node: 'redis' | 'mysql-proxy') =>
    Array.fromAsync(stack.logs(node, { lines: 20, follow: false, signal }));
  await expect(read('redis')).rejects.toThrow(UserError);
  await expect(read('mysql-proxy')).rejects.toThrow(RefusedError);
});

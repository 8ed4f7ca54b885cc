import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { type RunResult, run } from '../../process.ts';
import { privateApt } from '../native/fetch/private-apt.ts';
import { portsFor } from '../ports.ts';
import { composeFilePath } from './docker.ts';
import { isPublished, portVariable } from './service.ts';

/**
 * Docker Compose's own judgement of the file. It needs no engine for that, and its program is had as the engines are:
 * from the distribution's packages, unpacked privately. Where they have none, the tests say so and are skipped.
 */

const config = inject('config');
const folder = mkdtempSync(join(tmpdir(), 'labctl-docker-compose-'));
let missing: string | undefined;

beforeAll(async () => {
  try {
    const apt = await privateApt({
      folder: join(folder, 'apt'),
      env: process.env,
      signal: AbortSignal.timeout(80_000),
      instead: async () => [],
    });
    // Debian 12 has a package of this name too, of Compose 1; buildx is where version 2 is.
    const chosen = await apt.choose({ main: /^docker-compose(?:-v2)?$/, others: [/^docker-buildx$/] });
    await apt.download(chosen, join(folder, 'packages'), () => {});
    await apt.unpack(join(folder, 'packages'), join(folder, 'root'));
    const { problem } = await compose(['version']);
    missing = problem;
  } catch (error) {
    missing = messageOf(error);
  }
}, 90_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compose(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<RunResult> {
  const program = join(folder, 'root', 'usr', 'libexec', 'docker', 'cli-plugins', 'docker-compose');
  const all = ['--file', composeFilePath, '--profile', 'on-demand', ...args];
  return run(program, all, { env: { PATH: process.env.PATH, HOME: folder, ...env }, timeoutMs: 20_000 });
}

test('docker compose config finds nothing wrong', async ({ skip }) => {
  if (missing !== undefined) skip(`Docker Compose cannot be had here: ${missing}`);
  const { exitCode, stderr } = await compose(['config', '--quiet']);
  expect([exitCode, stderr]).toEqual([0, '']);
});

const resolved = z.object({
  name: z.string(),
  services: z.record(
    z.string(),
    z.object({ ports: z.array(z.object({ host_ip: z.string(), published: z.string() })).default([]) }),
  ),
});

test('with the variables that labctl sets, every port is a moved one, on the loopback address', async ({ skip }) => {
  if (missing !== undefined) skip(`Docker Compose cannot be had here: ${missing}`);
  const ports = Object.entries(portsFor(config.portOffset)).filter(([name]) => isPublished(name as never));
  const env = Object.fromEntries(ports.map(([name, port]) => [portVariable(name as never), String(port)]));
  const { name, services } = resolved.parse(JSON.parse((await compose(['config', '--format', 'json'], env)).stdout));
  expect(name).toBe('labctl');
  const published = Object.values(services).flatMap((service) => service.ports);
  expect(new Set(published.map((port) => port.host_ip))).toEqual(new Set(['127.0.0.1']));
  expect(published.map((port) => port.published).toSorted()).toEqual(ports.map(([, port]) => String(port)).toSorted());
});

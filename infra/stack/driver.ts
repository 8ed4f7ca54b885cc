import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { EngineError, RefusedError } from '../errors.ts';
import type { DockerFinding } from './compose/docker.ts';
import { type Driver, drivers, type Stack } from './stack.ts';

/**
 * Which driver runs this lab is decided by its first `up` and then written down, so that `status`, `down` and faults mean
 * the same engines, whether a Docker daemon answers by then or not. `down -v` forgets it with the data; another one can
 * be asked for while nothing runs.
 */
const record = z.object({ driver: z.enum(drivers) });

const fileOf = (config: Config): string => join(config.stateDir, 'stack', 'driver.json');

/** @returns undefined for a lab that was never brought up. */
export function recordedDriver(config: Config): Driver | undefined {
  try {
    return record.parse(JSON.parse(readFileSync(fileOf(config), 'utf8'))).driver;
  } catch {
    // Data of a lab from before there was a record, or whose record was damaged.
    const data = join(config.stateDir, 'stack', 'data');
    return existsSync(data) && readdirSync(data).length > 0 ? 'native' : undefined;
  }
}

export function forgetDriver(config: Config): void {
  rmSync(fileOf(config), { force: true });
}

/**
 * For `up`: the driver that was asked for, else the one that this lab has, else compose where a Docker daemon answers.
 * Writes it down. @throws RefusedError while the other one runs; EngineError when compose was asked for in vain.
 */
export async function chooseDriver(config: Config, asked: Driver | undefined, env: NodeJS.ProcessEnv): Promise<Driver> {
  const recorded = recordedDriver(config);
  const other = recorded !== undefined && asked !== undefined && asked !== recorded;
  if (other && (await runs(config, recorded, env))) throw hasTheOther(recorded);
  const known = asked ?? recorded;
  if (known === 'native') return writeDown(config, known);
  const { findDocker } = await import('./compose/docker.ts');
  const docker = await findDocker(env);
  if (known === 'compose' && !docker.answers) throw noDocker(docker.why);
  return writeDown(config, docker.answers ? 'compose' : 'native');
}

/** How the next `up` would run this lab, and what was found of Docker. Looks and changes nothing. */
export async function driverFindings(config: Config, env: NodeJS.ProcessEnv): Promise<DriverFindings> {
  const { findDocker } = await import('./compose/docker.ts');
  const recorded = recordedDriver(config);
  const docker = await findDocker(env);
  const next = recorded ?? (docker.answers ? 'compose' : 'native');
  return { next, docker, ...(recorded === undefined ? {} : { recorded }) };
}

export interface DriverFindings {
  readonly next: Driver;
  readonly recorded?: Driver;
  readonly docker: DockerFinding;
}

export async function createStack(config: Config, driver: Driver, env: NodeJS.ProcessEnv): Promise<Stack> {
  if (driver === 'native') {
    const { createNativeStack } = await import('./native/native-stack.ts');
    return createNativeStack(config);
  }
  const { createComposeStack } = await import('./compose/compose-stack.ts');
  return createComposeStack({ config, env });
}

/** A daemon that does not answer runs no containers. */
async function runs(config: Config, driver: Driver, env: NodeJS.ProcessEnv): Promise<boolean> {
  const stack = await createStack(config, driver, env);
  const nodes = await stack.status().catch(() => []);
  return nodes.some(({ state }) => state === 'running' || state === 'paused');
}

function writeDown(config: Config, driver: Driver): Driver {
  const file = fileOf(config);
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify({ driver })}\n`);
  renameSync(draft, file);
  return driver;
}

function hasTheOther(recorded: Driver): RefusedError {
  return new RefusedError(
    { ko: `이 랩은 ${recorded} 드라이버로 돌고 있습니다`, en: `this lab is run by the ${recorded} driver` },
    {
      why: {
        ko: '두 드라이버는 데이터를 따로 둡니다',
        en: 'each driver has data of its own',
      },
      tryThis: ['labctl down'],
    },
  );
}

function noDocker(why: string | undefined): EngineError {
  return new EngineError(
    'machine',
    { ko: 'Docker 데몬이 응답하지 않습니다', en: 'no Docker daemon answers' },
    {
      ...(why === undefined ? {} : { why }),
      tryThis: [
        { ko: 'Docker를 시작한 뒤 다시 실행', en: 'start Docker and try again' },
        { ko: 'Docker 없이: labctl up --driver native', en: 'without Docker: labctl up --driver native' },
      ],
    },
  );
}

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { EngineError, messageOf, RefusedError } from '../errors.ts';
import { say, type Text } from '../text.ts';
import type { DockerFinding } from './compose/docker.ts';
import { type Driver, drivers, type OnStackEvent, type Stack } from './stack.ts';

/**
 * Which driver runs this lab is decided by its first `up` and then written down, so that `status`, `down` and faults mean
 * the same engines, whether a Docker daemon answers by then or not. `down -v` forgets it with the data; another one can
 * be asked for while nothing runs.
 */
const record = z.object({
  /** Absent where the lab is forgotten, but not all of its data could be deleted. */
  driver: z.enum(drivers).optional(),
  /** Those that may have left data here: a lab that was switched has some of both. */
  used: z.array(z.enum(drivers)).default([]),
});
type DriverRecord = z.infer<typeof record>;

const fileOf = (config: Config): string => join(config.stateDir, 'stack', 'driver.json');

/** @returns undefined for a lab that was never brought up by labctl. */
export function recordedDriver(config: Config): Driver | undefined {
  const { driver } = readRecord(config);
  if (driver !== undefined) return driver;
  // Data of a lab from before there was a record, or whose record was damaged.
  return hasNativeData(config) ? 'native' : undefined;
}

/**
 * For all but `up`: the recorded driver, else compose where containers of this clone's docker-compose.yml are, which an
 * operator makes without labctl, else native. Docker is asked only where nothing is recorded and there is one on the PATH.
 */
export async function driverInUse(config: Config, env: NodeJS.ProcessEnv): Promise<Driver> {
  return (await knownDriver(config, env)) ?? 'native';
}

async function knownDriver(config: Config, env: NodeJS.ProcessEnv): Promise<Driver | undefined> {
  const recorded = recordedDriver(config);
  if (recorded !== undefined) return recorded;
  const { hasOwnProject } = await import('./compose/own-project.ts');
  return (await hasOwnProject(config, env)) ? 'compose' : undefined;
}

/** After `down -v`. What could not be deleted stays known, for the next one. */
export function forgetDriver(config: Config): void {
  const { driver, used } = readRecord(config);
  const left = used.filter((one) => one !== driver);
  if (left.length === 0) rmSync(fileOf(config), { force: true });
  else writeRecord(config, { used: left });
}

/**
 * For `up`: the driver that was asked for, else the one that this lab has, else compose where a Docker daemon answers.
 * Writes it down. @throws RefusedError while the other one runs; EngineError when compose was asked for in vain, or the
 * other one does not say whether it runs.
 */
export async function chooseDriver(config: Config, asked: Driver | undefined, env: NodeJS.ProcessEnv): Promise<Driver> {
  const before = await knownDriver(config, env);
  const other = before !== undefined && asked !== undefined && asked !== before;
  if (other && (await runs(config, before, env))) throw hasTheOther(before);
  const known = asked ?? before;
  if (known === 'native') return writeDown(config, known, before);
  const { findDocker } = await import('./compose/docker.ts');
  const docker = await findDocker(env);
  if (known === 'compose' && !docker.answers) throw noDocker(docker.why);
  return writeDown(config, docker.answers ? 'compose' : 'native', before);
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

/** `down` with `wipe` deletes what the lab has of the other driver too, from before it was switched. */
export async function createStack(config: Config, driver: Driver, env: NodeJS.ProcessEnv): Promise<Stack> {
  const stack = await bareStack(config, driver, env);
  return {
    ...stack,
    async down(options, onEvent) {
      await stack.down(options, onEvent);
      if (!options.wipe) return;
      wiped(config, driver);
      await wipeOther(config, driver, { env, onEvent });
    },
  };
}

async function bareStack(config: Config, driver: Driver, env: NodeJS.ProcessEnv): Promise<Stack> {
  if (driver === 'native') {
    const { createNativeStack } = await import('./native/native-stack.ts');
    return createNativeStack(config);
  }
  const { createComposeStack } = await import('./compose/compose-stack.ts');
  return createComposeStack({ config, env });
}

function wiped(config: Config, driver: Driver): void {
  const { used, ...rest } = readRecord(config);
  if (used.includes(driver)) writeRecord(config, { ...rest, used: used.filter((one) => one !== driver) });
}

/** Its failure is said and remembered, and no failure of this `down`: its own data is gone, and Docker may be for good. */
async function wipeOther(
  config: Config,
  driver: Driver,
  { env, onEvent }: { readonly env: NodeJS.ProcessEnv; readonly onEvent: OnStackEvent },
): Promise<void> {
  const other = drivers.find((one) => one !== driver && hasData(config, one));
  if (other === undefined) return;
  try {
    const stack = await bareStack(config, other, env);
    await stack.down({ wipe: true }, onEvent);
    wiped(config, other);
  } catch (error) {
    onEvent({ kind: 'note', note: say(notWiped(other, messageOf(error)), config.language) });
  }
}

const notWiped = (driver: Driver, why: string): Text => ({
  ko: `${driver} 드라이버의 데이터는 지우지 못했습니다 (다음 labctl down -v가 다시 시도합니다): ${why}`,
  en: `the data of the ${driver} driver could not be deleted (the next labctl down -v tries again): ${why}`,
});

function hasData(config: Config, driver: Driver): boolean {
  return readRecord(config).used.includes(driver) || (driver === 'native' && hasNativeData(config));
}

function hasNativeData(config: Config): boolean {
  const data = join(config.stateDir, 'stack', 'data');
  return existsSync(data) && readdirSync(data).length > 0;
}

/**
 * A daemon that does not answer runs no containers, which is no more than a refused connection can tell.
 * @throws EngineError when it answers and cannot say.
 */
async function runs(config: Config, driver: Driver, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (driver === 'compose') {
    const { findDocker } = await import('./compose/docker.ts');
    if (!(await findDocker(env)).answers) return false;
  }
  const nodes = await (await bareStack(config, driver, env)).status();
  return nodes.some(({ state }) => state === 'running' || state === 'paused');
}

/** @param before the driver that the lab had, which leaves its data. */
function writeDown(config: Config, driver: Driver, before: Driver | undefined): Driver {
  const { used } = readRecord(config);
  const all = new Set([...used, ...(before === undefined ? [] : [before]), driver]);
  writeRecord(config, { driver, used: drivers.filter((one) => all.has(one)) });
  return driver;
}

/** Empty where there is none, or a damaged one. */
function readRecord(config: Config): DriverRecord {
  try {
    return record.parse(JSON.parse(readFileSync(fileOf(config), 'utf8')));
  } catch {
    return { used: [] };
  }
}

function writeRecord(config: Config, written: DriverRecord): void {
  const file = fileOf(config);
  mkdirSync(config.stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(written)}\n`);
  renameSync(draft, file);
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

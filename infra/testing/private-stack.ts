import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { systemClock } from '../clock.ts';
import { type Config, readConfig } from '../config.ts';
import { EngineError, messageOf } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { labEndpoints } from '../stack/endpoints.ts';
import { createNativeStack } from '../stack/native/native-stack.ts';
import { lockProcess } from '../stack/native/process-lock.ts';
import type { Stack } from '../stack/stack.ts';

/**
 * Global setup of the real tests: a native stack of their own, on other ports and in another folder than the operator's
 * lab. Its data stays between runs, which saves half of the start; a stack that will not come up with it gets new data.
 *
 * LABCTL_TEST_PORT_OFFSET moves its ports (300), so that two clones can test side by side. LABCTL_KEEP_TEST_STACK=1 leaves
 * it running, so that the next run starts at once.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const config = privateConfig(process.env);
  // Two runs on one stack would stop it under each other.
  const lock = await lockProcess({ file: join(config.stateDir, 'test-run.json'), timeoutMs: 15 * 60_000 });
  const stack = createNativeStack(config);
  const startMs = systemClock.monotonic();
  try {
    await upWithNewDataIfNeeded(stack, project);
  } catch (error) {
    await stack.down({ wipe: false }, () => {});
    lock.release();
    throw error;
  }
  const seconds = ((systemClock.monotonic() - startMs) / 1000).toFixed(1);
  project.vitest.logger.log(`private stack on ports +${config.portOffset}: up in ${seconds} s`);
  project.provide('endpoints', labEndpoints(config.portOffset));
  project.provide('config', config);
  return async () => {
    if (process.env.LABCTL_KEEP_TEST_STACK !== '1') await stack.down({ wipe: false }, () => {});
    lock.release();
  };
}

const defaultOffset = '300';

function privateConfig(env: NodeJS.ProcessEnv): Config {
  const portOffset = env.LABCTL_TEST_PORT_OFFSET ?? defaultOffset;
  const stateDir = join(packageRoot, '.lab', `test-${portOffset}`);
  return readConfig({ ...env, LABCTL_PORT_OFFSET: portOffset, LABCTL_STATE_DIR: stateDir });
}

async function upWithNewDataIfNeeded(stack: Stack, project: TestProject): Promise<void> {
  // Nobody aborts it but its own deadlines; a first run fetches the engines.
  const { signal } = new AbortController();
  try {
    await stack.up(() => {}, signal);
  } catch (error) {
    // A taken port or a full disk is not cured by new data.
    if (error instanceof EngineError && error.engine === 'machine') throw error;
    project.vitest.logger.log(`private stack: ${messageOf(error)}; trying once more with new data`);
    await stack.down({ wipe: true }, () => {});
    await stack.up(() => {}, signal);
  }
}

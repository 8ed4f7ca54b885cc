import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../clock.ts';
import { EngineError, messageOf } from '../errors.ts';
import { sizeOf } from '../log-tail.ts';
import { packageRoot, runsFromSource } from '../package-root.ts';
import { isAlive, type ProcessIdentity, signalProcess, spawnDaemon } from '../process.ts';
import type { FaultLab } from './fault.ts';
import { storeOf } from './healing.ts';

/** A Node process that loads three engine clients, on a machine that is short of CPU. */
const armTimeoutMs = 30_000;
const logBytesMax = 1024 * 1024;

/**
 * Starts the detached process that heals, and returns when it has loaded all it needs and watches the lease.
 * @throws EngineError when it does not; then none is left running.
 */
export async function spawnHealer(id: string, lab: FaultLab): Promise<ProcessIdentity> {
  const { config, clock } = lab;
  const store = storeOf(lab);
  const script = runsFromSource
    ? join(packageRoot, 'infra', 'faults', 'healer.ts')
    : join(packageRoot, 'dist', 'infra', 'faults', 'healer.js');
  if (sizeOf(store.healerLogFile) > logBytesMax) renameSync(store.healerLogFile, `${store.healerLogFile}.1`);
  let healer: ProcessIdentity | undefined;
  try {
    const spawned = await spawnDaemon(process.execPath, [script], {
      logFile: store.healerLogFile,
      env: {
        ...process.env,
        LABCTL_STATE_DIR: config.stateDir,
        LABCTL_CACHE_DIR: config.cacheDir,
        LABCTL_PORT_OFFSET: String(config.portOffset),
        LABCTL_HEALER: id,
        KAFKAJS_NO_PARTITIONER_WARNING: '1',
      },
      // The folder that the command was called from may go away before it heals.
      cwd: existsSync(packageRoot) ? packageRoot : config.stateDir,
    });
    healer = spawned;
    const armed = async (): Promise<boolean> => {
      if (isSame(store.healer(id), spawned)) return true;
      if (!(await isAlive(spawned))) throw new Error(`it ended at once, see ${store.healerLogFile}`);
      return false;
    };
    await waitFor('the healer', armed, { timeoutMs: armTimeoutMs, intervalMs: 20, clock });
    return spawned;
  } catch (error) {
    // Not asked to end: a healer that armed itself in this moment would take that for "heal now".
    if (healer !== undefined) await signalProcess(healer, 'SIGKILL');
    throw notArmed(error, store.healerLogFile);
  }
}

function isSame(one: ProcessIdentity | undefined, other: ProcessIdentity): boolean {
  return one?.pid === other.pid && one.startedAt === other.startedAt;
}

function notArmed(error: unknown, logFile: string): EngineError {
  return new EngineError(
    'machine',
    {
      ko: '치유 프로세스가 준비되지 않아 아무것도 망가뜨리지 않았습니다',
      en: 'the healer did not become ready, so nothing was broken',
    },
    { why: messageOf(error), cause: error, tryThis: [`tail ${logFile}`, 'labctl doctor'] },
  );
}

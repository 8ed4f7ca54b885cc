import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Clock, systemClock, waitFor } from '../../clock.ts';
import { identify, isAlive, type ProcessIdentity } from '../../process.ts';

const holderSchema = z.object({ pid: z.number(), startedAt: z.string() });

/**
 * A lock that a process holds while it lives: a file with its pid and start time. A holder that was killed frees it.
 * Not reentrant.
 */
export interface ProcessLock {
  release(): void;
}

export interface LockOptions {
  readonly file: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Called once, when somebody else is found to hold it. */
  readonly onWait?: (holder: ProcessIdentity) => void;
}

/** @throws TimeoutError when the holder keeps it longer than `timeoutMs`; InterruptedError when the signal aborts. */
export async function lockProcess(options: LockOptions): Promise<ProcessLock> {
  const { file, timeoutMs, signal, clock = systemClock, onWait } = options;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('this process does not find itself in the process table');
  let told = false;
  const attempt = async (): Promise<boolean> => {
    if (claim(file, self)) return true;
    const holder = readHolder(file);
    if (holder === undefined || !(await isAlive(holder))) {
      discard(file, holder);
      return claim(file, self);
    }
    if (!told) onWait?.(holder);
    told = true;
    return false;
  };
  const waiting = { timeoutMs, intervalMs: 100, clock, ...(signal === undefined ? {} : { signal }) };
  await waitFor(`the lock ${file}`, attempt, waiting);
  return { release: () => rmSync(file, { force: true }) };
}

/** link(2) makes the complete file appear in one step, or fails because there is one. */
function claim(file: string, self: ProcessIdentity): boolean {
  const draft = `${file}.${self.pid}`;
  writeFileSync(draft, JSON.stringify(self));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Removes the lock of a dead holder. Renamed first and looked at again: two processes may judge the same dead holder,
 * and the slower one must not take away the lock that the faster one holds by then.
 */
function discard(file: string, dead: ProcessIdentity | undefined): void {
  const aside = `${file}.dead-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return; // somebody else was faster
  }
  const renamed = readHolder(aside);
  if (renamed !== undefined && renamed.startedAt !== dead?.startedAt) {
    try {
      linkSync(aside, file);
    } catch {
      // A third one took it in this instant; the two would work at once, which every step of `up` bears.
    }
  }
  rmSync(aside, { force: true });
}

import { closeSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
      discard(file, holder, clock);
      return claim(file, self);
    }
    if (!told) onWait?.(holder);
    told = true;
    return false;
  };
  const waiting = { timeoutMs, intervalMs: 100, clock, ...(signal === undefined ? {} : { signal }) };
  await waitFor(`the lock ${file}`, attempt, waiting);
  return {
    release() {
      if (isSame(readHolder(file), self)) rmSync(file, { force: true });
    },
  };
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

/** How long somebody who removes a dead holder's lock may take; it is a few system calls, and the process may be frozen. */
const discardingMsMax = 10_000;

/**
 * Removes the lock of a dead holder. Several may judge the same dead one, and the slower must not take away the lock that
 * the faster holds by then: so only one at a time looks again and removes. Who is killed within these few system calls
 * leaves a file that the others wait for, and remove when it is old.
 */
function discard(file: string, dead: ProcessIdentity | undefined, clock: Clock): void {
  const turn = `${file}.discarding`;
  try {
    closeSync(openSync(turn, 'wx'));
  } catch {
    if (clock.now() - modifiedMs(turn, clock.now()) > discardingMsMax) rmSync(turn, { force: true });
    return; // the next attempt sees what became of it
  }
  try {
    if (isSame(readHolder(file), dead)) rmSync(file, { force: true });
  } finally {
    rmSync(turn, { force: true });
  }
}

function isSame(one: ProcessIdentity | undefined, other: ProcessIdentity | undefined): boolean {
  return one?.pid === other?.pid && one?.startedAt === other?.startedAt;
}

function modifiedMs(file: string, whenGone: number): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? whenGone;
}

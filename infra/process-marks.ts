import { readdirSync, readFileSync } from 'node:fs';
import { identify, type ProcessIdentity, terminate } from './process.ts';

/**
 * A mark is a variable in the environment that a process was started with. Its children inherit it, and it can be read
 * while the process lives: so a child is found again whose starter was killed before it could write down anything.
 */
export interface MarkedProcess {
  readonly process: ProcessIdentity;
  /** What the variable holds. */
  readonly value: string;
}

/** Living processes that carry the variable, this one left out. Linux only; elsewhere, and of other users, none is found. */
export async function findMarkedProcesses(variable: string): Promise<readonly MarkedProcess[]> {
  const found: MarkedProcess[] = [];
  for (const pid of processIds()) {
    const value = pid === process.pid ? undefined : markOfProcess(pid, variable);
    const identity = value === undefined ? undefined : await identify(pid);
    if (value !== undefined && identity !== undefined) found.push({ process: identity, value });
  }
  return found;
}

/** What the variable holds in that process; undefined where it has none, is gone, or is another user's. */
export function markOfProcess(pid: number, variable: string): string | undefined {
  const prefix = `${variable}=`;
  return environmentOf(pid)
    .find((text) => text.startsWith(prefix))
    ?.slice(prefix.length);
}

/**
 * Ends every process that carries the mark, also those that they start meanwhile; returns when none is left.
 * @throws TimeoutError when one survives SIGKILL.
 */
export async function endMarkedProcesses(variable: string, value: string, graceMs: number): Promise<void> {
  for (;;) {
    const marked = (await findMarkedProcesses(variable)).filter((one) => one.value === value);
    if (marked.length === 0) return;
    await Promise.all(marked.map((one) => terminate(one.process, graceMs)));
  }
}

/** Whether marks can be read here at all. */
export function marksCanBeRead(): boolean {
  return environmentOf(process.pid).length > 0;
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

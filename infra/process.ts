import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ResultPromise } from 'execa';
import { type Clock, systemClock, waitFor } from './clock.ts';
import { messageOf, TimeoutError } from './errors.ts';

/**
 * The only spawner. A process is known by its pid *and* its start time: pids are reused, and we send signals.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat (clock ticks after boot), or `ps -o lstart` where there is no /proc. */
  readonly startedAt: string;
}

/** Loaded when something is spawned: workers and plain commands only ask who is alive, and need not wait 70 ms for it. */
const loadExeca = async () => (await import('execa')).execa;

/** @returns undefined when no such process runs; a zombie counts as gone. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  if (process.platform === 'linux') {
    const stat = readProcStat(pid);
    return stat === undefined || stat.state === 'Z' || stat.state === 'X'
      ? undefined
      : { pid, startedAt: stat.startedAt };
  }
  const execa = await loadExeca();
  const { stdout, exitCode } = await execa('ps', ['-o', 'lstart=', '-p', String(pid)], { reject: false });
  return exitCode === 0 && stdout.trim() !== '' ? { pid, startedAt: stdout.trim() } : undefined;
}

export async function isAlive({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identify(pid))?.startedAt === startedAt;
}

/** Stopped by SIGSTOP (or a tracer). Linux only: elsewhere false. */
export function isPaused({ pid, startedAt }: ProcessIdentity): boolean {
  const stat = process.platform === 'linux' ? readProcStat(pid) : undefined;
  return stat !== undefined && stat.startedAt === startedAt && (stat.state === 'T' || stat.state === 't');
}

/** Sends the signal only when the pid still belongs to that very process. @returns whether it was sent. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** SIGTERM (and SIGCONT, since a paused process hears nothing), then SIGKILL after `graceMs`; returns when the process is gone. @throws TimeoutError if it survives both. */
export async function terminate(identity: ProcessIdentity, graceMs: number, clock: Clock = systemClock): Promise<void> {
  const gone = async (timeoutMs: number): Promise<boolean> => {
    try {
      await waitFor(`process ${identity.pid} to end`, async () => !(await isAlive(identity)), { timeoutMs, clock });
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  };
  await signalProcess(identity, 'SIGTERM');
  await signalProcess(identity, 'SIGCONT');
  if (await gone(graceMs)) return;
  await signalProcess(identity, 'SIGKILL');
  if (!(await gone(10_000))) throw new TimeoutError(`process ${identity.pid} does not end, not even by SIGKILL`);
}

export interface ProcessUsage {
  readonly rssBytes: number;
  /** User and system time since the process began. */
  readonly cpuMs: number;
}

/** Linux only (from /proc); undefined elsewhere or when the process is gone. */
export function usageOf(pid: number): ProcessUsage | undefined {
  const stat = process.platform === 'linux' ? readProcStat(pid) : undefined;
  return stat && { rssBytes: stat.rssPages * 4096, cpuMs: stat.cpuTicks * 10 };
}

interface ProcStat {
  readonly state: string;
  readonly parent: number;
  readonly cpuTicks: number;
  readonly startedAt: string;
  readonly rssPages: number;
}

/** proc(5): the fields after the command, which stands in parentheses and may hold spaces. */
function readProcStat(pid: number): ProcStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '?',
    parent: Number(fields[1]),
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    startedAt: fields[19] ?? '?',
    rssPages: Number(fields[21]),
  };
}

/**
 * Starts a process that outlives this one: own session, no pipe to us, output appended to `logFile`.
 * @throws Error when it could not be started (the cause says why).
 */
export async function spawnDaemon(
  command: string,
  args: readonly string[],
  { logFile, cwd, env }: { readonly logFile: string; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): Promise<ProcessIdentity> {
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, 'a');
  try {
    // Not execa: it would keep a promise, and with it this process, tied to a child that is meant to outlive us.
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', log, log],
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    });
    const failure = new Promise<Error>((resolve) => child.once('error', resolve));
    child.unref();
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    if (identity !== undefined) return identity;
    const why = child.pid === undefined ? messageOf(await failure) : `it ended at once, see ${logFile}`;
    throw new Error(`could not start ${command}: ${why}`);
  } finally {
    closeSync(log);
  }
}

export interface RunOptions {
  readonly cwd?: string;
  /** Replaces the environment when given; the parent's otherwise. */
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly input?: string;
  /** 'inherit' hands over the terminal (an interactive client); the result's texts are then empty. */
  readonly terminal?: 'inherit';
  /** Called as soon as it runs, with its pid. */
  readonly onStart?: (pid: number) => void;
}

export interface RunResult {
  /** undefined when it could not start, or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** One line that says what went wrong; undefined when the exit code is 0. */
  readonly problem: string | undefined;
}

/** Runs a program to its end, never through a shell. A failure is a result, not an exception. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const execa = await loadExeca();
  const child = execa(command, args, {
    reject: false,
    timeout: options.timeoutMs,
    ...(options.terminal === 'inherit' ? { stdio: 'inherit' as const } : {}),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  if (child.pid !== undefined) options.onStart?.(child.pid);
  const result = await child;
  return {
    exitCode: result.exitCode,
    stdout: typeof result.stdout === 'string' ? result.stdout : '',
    stderr: typeof result.stderr === 'string' ? result.stderr : '',
    timedOut: result.timedOut,
    problem: result.failed ? (result.shortMessage ?? 'failed') : undefined,
  };
}

/**
 * What a program prints, stdout and stderr as they come, line by line, until it ends or the signal ends it. Leaving the
 * loop ends it too. @throws Error when it could not start, or failed by itself.
 */
export async function* outputLines(
  command: string,
  args: readonly string[],
  { cwd, env, signal }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): AsyncGenerator<string, void, void> {
  const execa = await loadExeca();
  const child = execa(command, args, {
    cwd,
    env,
    extendEnv: false,
    all: true,
    stdin: 'ignore',
    buffer: false,
    cancelSignal: signal,
  });
  try {
    yield* child.iterable({ from: 'all' });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export type NodeChild = ResultPromise<{ ipc: true; node: true; serialization: 'json'; reject: false; buffer: false }>;

/**
 * A Node child with an IPC channel: a worker. JSON messages, nothing buffered, its output appended to `logFile`.
 * @returns the child in an object: by itself it is a promise of its end, and would be waited for.
 */
export async function spawnNode(
  script: string,
  { logFile, env }: { readonly logFile: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly child: NodeChild }> {
  const execa = await loadExeca();
  mkdirSync(dirname(logFile), { recursive: true });
  const child = execa(script, [], {
    node: true,
    ipc: true,
    serialization: 'json',
    buffer: false,
    reject: false,
    cleanup: true,
    stdin: 'ignore',
    stdout: { file: logFile, append: true },
    stderr: { file: logFile, append: true },
    env,
  });
  return { child: child as unknown as NodeChild };
}

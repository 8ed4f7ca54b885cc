import { Console } from 'node:console';
import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock, waitFor } from '../../../infra/clock.ts';
import { createProbeStore, type ProbeStore } from '../../../infra/probes/store.ts';
import { type ConsoleOptions, type ConsoleStreams, runConsole } from '../console.tsx';
import type { Size } from '../store/state.ts';
import { Screen } from './screen.ts';
import { plantedAtMs } from './ticks.ts';

/** The console on a terminal in memory. */
export interface Mounted {
  readonly screen: Screen;
  readonly store: ProbeStore;
  /** What the operator sees, as one text. */
  text(): string;
  type(keys: string): void;
  resize(size: Size): void;
  /** Waits until the screen satisfies `check`; the error shows the screen. */
  until(what: string, check: (text: string) => boolean): Promise<void>;
  /** What has been written so far; a frame is what stands between the two marks of a synchronised update. */
  writes(): { readonly frames: number; readonly bytes: number };
  close(): Promise<void>;
  /** Settles when the console has closed by itself. */
  readonly closed: Promise<void>;
}

export interface MountOptions extends Partial<Omit<ConsoleOptions, 'streams' | 'signal'>> {
  readonly size?: Size;
  /** Where the shell's prompt had left the cursor. */
  readonly promptAt?: { readonly row: number; readonly column: number };
}

// Vitest's console lacks the constructor that Ink patches consoles with.
Object.assign(console, { Console });

/** Opens the console at 80×24 in English with nothing read, unless told otherwise. Time stands at `plantedAtMs`. */
export async function mount(options: MountOptions = {}): Promise<Mounted> {
  const { size = { columns: 80, rows: 24 }, promptAt, ...given } = options;
  const screen = new Screen(size);
  if (promptAt !== undefined) screen.cursor = { ...promptAt };
  const stdout = new FakeStdout(screen);
  const stdin = new FakeStdin();
  const store = given.store ?? createProbeStore();
  const abort = new AbortController();
  const opened = Promise.withResolvers<void>();
  const copyFile = join(tmpdir(), `labctl-copied-${process.pid}`);
  onTestFinished(() => rmSync(copyFile, { force: true }));
  const closed = runConsole({
    store,
    prove: async () => [],
    order: async () => {},
    diagnoses: [],
    ask: () => new Promise(() => {}),
    trace: async () => [],
    faults: () => [],
    profile: 'lab',
    commandOptions: '',
    language: 'en',
    look: { ascii: false, colour: false },
    copyFile,
    clock: standingClock,
    ...given,
    onFirstFrame: opened.resolve,
    streams: streamsOf(stdin, stdout),
    signal: abort.signal,
  });
  await Promise.race([opened.promise, closed]);
  const text = (): string => screen.rows().join('\n');
  return {
    screen,
    store,
    text,
    closed,
    type: (keys) => stdin.send(keys),
    writes: () => ({ frames: stdout.frames, bytes: stdout.bytes }),
    resize(next) {
      screen.resize(next);
      stdout.emit('resize');
    },
    async until(what, check) {
      try {
        await waitFor(what, () => check(text()), { timeoutMs: 15_000, intervalMs: 10 });
      } catch (error) {
        throw new Error(`${String(error)}\n${text()}`, { cause: error });
      }
    },
    async close() {
      abort.abort();
      await closed;
    },
  };
}

/** Real timers, a wall clock that stands still: ages on the screen are the same in every run. */
const standingClock = { ...systemClock, now: () => plantedAtMs };

const endOfUpdate = '\u001b[?2026l';

class FakeStdout extends EventEmitter {
  readonly isTTY = true;
  readonly writable = true;
  frames = 0;
  bytes = 0;
  readonly #screen: Screen;

  constructor(screen: Screen) {
    super();
    this.#screen = screen;
  }

  get columns(): number {
    return this.#screen.size.columns;
  }

  get rows(): number {
    return this.#screen.size.rows;
  }

  write(chunk: string, ...rest: readonly unknown[]): boolean {
    this.#screen.write(chunk);
    this.bytes += Buffer.byteLength(chunk);
    if (chunk.includes(endOfUpdate)) this.frames += 1;
    const done = rest.find((argument) => typeof argument === 'function');
    if (done !== undefined) queueMicrotask(() => done());
    return true;
  }
}

class FakeStdin extends EventEmitter {
  readonly isTTY = true;
  #pending: string[] = [];

  send(keys: string): void {
    this.#pending.push(keys);
    this.emit('readable');
  }

  read(): string | null {
    return this.#pending.shift() ?? null;
  }

  setEncoding(): void {}
  setRawMode(): this {
    return this;
  }
  ref(): void {}
  unref(): void {}
}

/** The fakes have what Ink uses of the streams, which is a small part of them. */
function streamsOf(stdin: FakeStdin, stdout: FakeStdout): ConsoleStreams {
  return { stdin, stdout, stderr: stdout } as unknown as ConsoleStreams;
}

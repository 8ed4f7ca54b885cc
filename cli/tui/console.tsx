import { render, type SuspendTerminal } from 'ink';
import { type Clock, systemClock } from '../../infra/clock.ts';
import { commandOn } from '../../infra/command-options.ts';
import type { NativeCommand } from '../../infra/probes/probe.ts';
import type { ProbeStore } from '../../infra/probes/store.ts';
import type { StackEvent } from '../../infra/stack/stack.ts';
import type { Language } from '../../infra/text.ts';
import { App } from './app.tsx';
import type { Ask } from './asking.ts';
import { copier } from './clipboard.ts';
import { createController } from './controller.ts';
import { screens } from './screens/index.ts';
import { createConsoleStore } from './store/console-store.ts';
import type { DiagnosisOutline } from './store/diagnoses.ts';
import { resized } from './store/events.ts';
import { type Feeding, feedInto } from './store/feed.ts';
import { initialState, type ShownFault, type Size } from './store/state.ts';
import { StoreContext } from './store/use-console.ts';
import { screenSwitching, suspendJob } from './terminal.ts';
import type { Look } from './theme.ts';
import type { Trace } from './tracing.ts';

export interface ConsoleOptions {
  /** May still be empty: the console opens at once and fills as readings arrive. */
  readonly store: ProbeStore;
  /** Of an `up` in progress. Its end means that the stack is up; an error that it is not. Absent: nothing is started. */
  readonly startUp?: AsyncIterable<StackEvent>;
  /** The native commands behind a probe; asked for by a key. */
  readonly prove: (probeId: string) => Promise<readonly NativeCommand[]>;
  /** Runs a command of labctl; confirmed by the operator. */
  readonly order: (words: readonly string[], language: Language) => Promise<void>;
  /** What can be asked on the screen Diagnose, and how. */
  readonly diagnoses: readonly DiagnosisOutline[];
  readonly ask: Ask;
  /** Where one event is, in lines for people. */
  readonly trace: Trace;
  /** What is broken on purpose, the soonest healed first. Asked each tick. */
  readonly faults: () => readonly ShownFault[];
  readonly profile: string;
  /** What a command line needs to mean the stack that is shown; empty for the lab. */
  readonly commandOptions: string;
  readonly language: Language;
  /** The key of a screen; `0` when absent. @see screens/index.ts */
  readonly screen?: string;
  readonly look: Look;
  readonly streams: ConsoleStreams;
  /** What `y` copies is written here too, for terminals that refuse OSC 52. */
  readonly copyFile: string;
  /** The first frame is on the screen: from here on heavy imports delay nobody. */
  readonly onFirstFrame?: () => void;
  readonly clock?: Clock;
  /** Closes the console. */
  readonly signal?: AbortSignal;
}

export interface ConsoleStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Enough for keys to feel immediate; data comes once a second. */
const framesPerSecond = 10;

/**
 * Runs the console on a terminal until the operator quits or the signal aborts. The terminal is restored in every case.
 * @throws whatever drawing threw.
 */
export async function runConsole(options: ConsoleOptions): Promise<void> {
  const { streams, look, clock = systemClock, signal } = options;
  const { stdout } = streams;
  const store = createConsoleStore(
    initialState({
      language: options.language,
      profile: options.profile,
      size: sizeOf(stdout),
      screenId: screens.find(({ key }) => key === options.screen)?.id ?? screens[0]?.id ?? '',
      isStarting: options.startUp !== undefined,
      diagnoses: options.diagnoses,
      frame: options.store.getSnapshot(),
      nowMs: clock.now(),
    }),
  );
  const copy = copier({ stdout, file: options.copyFile });
  let feeding: Feeding | undefined;
  let suspendTerminal: SuspendTerminal | undefined;
  const controller = createController({
    store,
    screens,
    clock,
    effects: {
      quit: () => app.unmount(),
      suspend: () => {
        if (suspendTerminal !== undefined) void suspendJob(suspendTerminal);
      },
      copy: (text) => copy(commandOn(text, options.commandOptions) ?? text),
      prove: options.prove,
      order: options.order,
      ask: options.ask,
      trace: options.trace,
    },
  });
  const tree = (
    <StoreContext value={store}>
      <App
        screens={screens}
        controller={controller}
        look={look}
        onTerminal={(suspend) => {
          suspendTerminal = suspend;
        }}
      />
    </StoreContext>
  );
  // Ink redraws at once when the terminal is resized, and would draw the old size into the new screen: heard before Ink
  // hears it, the new size is in the tree by then.
  const onResize = (): void => {
    store.update((state) => resized(state, sizeOf(stdout)));
    app.rerender(tree);
  };
  stdout.on('resize', onResize);
  const app = render(tree, {
    ...streams,
    stdout: screenSwitching(stdout),
    // Decided by the caller; Ink itself would draw nothing where the environment says CI.
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    maxFps: framesPerSecond,
    exitOnCtrlC: false,
  });
  const close = (): void => app.unmount();
  signal?.addEventListener('abort', close, { once: true });
  if (signal?.aborted === true) close();
  try {
    const exited = app.waitUntilExit();
    await app.waitUntilRenderFlush();
    options.onFirstFrame?.();
    feeding = feedInto(store, {
      probes: options.store,
      faults: options.faults,
      clock,
      ...(options.startUp === undefined ? {} : { startUp: options.startUp }),
    });
    await exited;
  } finally {
    signal?.removeEventListener('abort', close);
    stdout.off('resize', onResize);
    controller.stop();
    feeding?.stop();
  }
}

const usualSize: Size = { columns: 80, rows: 24 };

const sizeOf = ({ columns, rows }: NodeJS.WriteStream): Size => ({
  columns: columns || usualSize.columns,
  rows: rows || usualSize.rows,
});

import type { SuspendTerminal } from 'ink';

const enterAlternateScreen = '\u001b[?1049h';
const leaveAlternateScreen = '\u001b[?1049l';
const eraseScreen = '\u001b[2J';
const cursorHome = '\u001b[H';

/**
 * The terminal as Ink shall see it, with two things Ink leaves out wherever it changes screens (start, exit, signals,
 * suspending). Entering the alternate screen, the cursor goes home: it is still where the prompt was, and the first line
 * would start there. Leaving it, the screen is erased first: after the window grew, tmux shows rows of it on the main one.
 */
export function screenSwitching(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text =
      typeof chunk === 'string'
        ? chunk
            .replace(enterAlternateScreen, enterAlternateScreen + cursorHome)
            .replace(leaveAlternateScreen, eraseScreen + leaveAlternateScreen)
        : chunk;
    return Reflect.apply(stdout.write, stdout, [text, ...rest]);
  };
  return new Proxy(stdout, {
    get(stream, property) {
      if (property === 'write') return write;
      const value: unknown = Reflect.get(stream, property);
      return typeof value === 'function' ? value.bind(stream) : value;
    },
  });
}

/**
 * ctrl-z: gives the terminal back, stops the whole job as the terminal driver would, and draws again after `fg`.
 * Group 0 is our own job: npm or a shell that started us stops too, so that the prompt comes back.
 */
export async function suspendJob(suspendTerminal: SuspendTerminal): Promise<void> {
  await suspendTerminal(async () => {
    const resumed = new Promise<void>((resolve) => process.once('SIGCONT', () => resolve()));
    process.kill(0, 'SIGTSTP');
    await resumed;
  });
}

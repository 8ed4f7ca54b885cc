import type { SuspendTerminal } from 'ink';

const leaveAlternateScreen = '\u001b[?1049l';
const eraseScreen = '\u001b[2J';

/**
 * The terminal as Ink shall see it: whenever it leaves the alternate screen (on exit, on a signal, on suspending), the
 * screen is erased first. Without this, tmux shows rows of the console on the main screen after the window grew.
 */
export function erasingOnLeave(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    const text =
      typeof chunk === 'string' ? chunk.replace(leaveAlternateScreen, eraseScreen + leaveAlternateScreen) : chunk;
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

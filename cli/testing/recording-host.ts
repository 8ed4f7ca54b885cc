import { systemClock } from '../../infra/clock.ts';
import type { Host } from '../run.ts';

export interface Recorded {
  readonly host: Host;
  /** What came on stdout so far. */
  stdout(): string;
  stderr(): string;
  interrupt(): void;
}

/** A process around a command line that keeps what it printed. No terminal: 80 columns, nobody to press keys. */
export function recordingHost(
  line: string,
  env: NodeJS.ProcessEnv = {},
  /** What a person at a terminal types; absent: there is no terminal. */
  typed?: string,
): Recorded {
  let stdout = '';
  let stderr = '';
  const stop = new AbortController();
  const withNewline = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  return {
    host: {
      argv: line === '' ? [] : line.split(' '),
      env,
      clock: systemClock,
      signal: stop.signal,
      terminal: {
        stdoutIsTty: false,
        stderrIsTty: false,
        interactive: typed !== undefined,
        columns: 80,
        rows: 24,
        readLine: async () => typed ?? '',
      },
      printer: {
        async result(text) {
          stdout += withNewline(text);
        },
        words(text) {
          stderr += withNewline(text);
        },
      },
    },
    stdout: () => stdout,
    stderr: () => stderr,
    interrupt: () => stop.abort(),
  };
}

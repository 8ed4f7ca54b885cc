import { codeOnly } from './code-only.ts';
import { type HouseRule, isCode, isIn, linesThatMatch, namesTheWords } from './rule.ts';

interface Home {
  readonly what: string;
  readonly pattern: RegExp;
  /** Files, or folders with a slash at the end. */
  readonly homes: readonly string[];
  readonly instead: string;
  /** Module names stand in strings. */
  readonly inStrings?: true;
}

const homes: readonly Home[] = [
  {
    what: 'time, timers and sleeps',
    pattern:
      /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\s*\(|\bDate\.now\b|\bperformance\.now\b|\bnew Date\(\s*\)/,
    homes: ['infra/clock.ts', 'infra/kafka/patches.ts'],
    instead: 'take a Clock, or systemClock, waitFor and within of infra/clock.ts',
  },
  {
    what: 'timer modules',
    pattern: /['"](?:node:)?timers(?:\/promises)?['"]/,
    homes: ['infra/clock.ts'],
    instead: 'take a Clock, or systemClock, waitFor and within of infra/clock.ts',
    inStrings: true,
  },
  {
    what: 'spawning',
    pattern: /['"](?:(?:node:)?child_process|execa)['"]/,
    homes: ['infra/process.ts'],
    instead: 'run, spawnNode or spawnDaemon of infra/process.ts',
    inStrings: true,
  },
  {
    what: 'writing to the terminal',
    pattern: /(?<![.\w])console\.\w+|\bprocess\.std(?:out|err)\.write\b/,
    homes: ['cli/output/', 'infra/testing/summary-reporter.ts', 'workers/host/stderr-log.ts'],
    instead: 'return a result and let cli/output print it; context.say for words; a Logger in workers',
  },
  {
    what: 'ending the process',
    pattern: /\bprocess\.(?:exit|abort|reallyExit)\b/,
    homes: ['cli/main.ts', 'workers/host/', 'infra/faults/healer.ts'],
    instead: 'throw an error of infra/errors.ts, or return a result with its exit code',
  },
  {
    what: 'signalling a process',
    pattern: /\bprocess\.kill\b/,
    // Two signal themselves: a failpoint, and the console that is suspended.
    homes: ['infra/process.ts', 'workers/host/failpoints.ts', 'cli/tui/terminal.ts'],
    instead: 'signalProcess or terminate of infra/process.ts: a pid alone may be somebody else by now',
  },
];

/** One rule a home. */
export const oneHome: readonly HouseRule[] = homes.map(({ what, pattern, homes: places, instead, inStrings }) => ({
  rule: `${what}: only in ${places.join(', ')}`,
  instead,
  check(file) {
    if (!isCode(file) || isIn(file.path, [...places, ...namesTheWords])) return [];
    return linesThatMatch(file, codeOnly(file.text, { keepStrings: inStrings === true }), pattern);
  },
}));

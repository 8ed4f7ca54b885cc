import { systemClock } from '../../infra/clock.ts';
import type { LogFields, Logger } from '../../infra/log.ts';

/** JSON lines on stderr: the supervisor keeps them in a file, a container runtime collects them. */
export function stderrLogger(bound: LogFields): Logger {
  const write = (level: string, message: string, fields: LogFields = {}): void => {
    const at = new Date(systemClock.now()).toISOString();
    process.stderr.write(`${JSON.stringify({ at, level, ...bound, message, ...fields })}\n`);
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

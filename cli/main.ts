import { systemClock } from '../infra/clock.ts';
import { InterruptedError } from '../infra/errors.ts';
import { exitCodes } from './output/exit-codes.ts';
import { processPrinter } from './output/printer.ts';
import { processTerminal } from './output/terminal.ts';
import { reportError, runCommandLine } from './run.ts';

// React decides by it which build to load, at its import, which comes later.
process.env.NODE_ENV ??= 'production';

const stop = new AbortController();
const printer = processPrinter(() => stop.abort(new InterruptedError()));
const host = {
  argv: process.argv.slice(2),
  env: process.env,
  terminal: processTerminal(process.env),
  printer,
  clock: systemClock,
  signal: stop.signal,
};

function end(code: number): never {
  process.exit(code);
}

// The first one asks for an orderly end, the second does not ask.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) end(exitCodes.interrupted);
    stop.abort(new InterruptedError());
  });
}

// A throw that nobody awaited is our bug. The console must give the terminal back before the words come, so it is asked
// to end as by a signal; whoever does not end within two seconds is left behind.
let stray: { readonly error: unknown } | undefined;
const onStray = (error: unknown): void => {
  if (stray !== undefined) return;
  stray = { error };
  stop.abort(new InterruptedError());
  systemClock.after(2_000, () => void reportError(error, host).finally(() => end(exitCodes.bug)));
};
process.on('uncaughtException', onStray);
process.on('unhandledRejection', onStray);

const code = await runCommandLine(host);
if (stray !== undefined) {
  await reportError(stray.error, host);
  end(exitCodes.bug);
}
end(code);

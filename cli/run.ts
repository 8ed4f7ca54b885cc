import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../infra/clock.ts';
import { InterruptedError } from '../infra/errors.ts';
import { packageRoot } from '../infra/package-root.ts';
import { drawable } from '../infra/text.ts';
import type { Outcome } from './command.ts';
import { commandGroups, parents } from './commands/index.ts';
import { createContext, onOwnStack } from './context.ts';
import { errorDocument, errorText, exitCodeOf } from './output/error.ts';
import { type ExitCode, exitCodes } from './output/exit-codes.ts';
import { toJson } from './output/json.ts';
import type { Printer } from './output/printer.ts';
import type { Terminal } from './output/terminal.ts';
import { healOverdueFaults } from './overdue-faults.ts';
import { namesOwn, refuseOnOwn } from './own-stack.ts';
import { asksForHelp, type CommandTable, interpret, languageFrom } from './program.ts';

/** The process around a command line: everything that main.ts owns and tests replace. */
export interface Host {
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  readonly printer: Printer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One document, laid out to be read; or of a stream one document a line. */
type JsonStyle = 'document' | 'lines';

const labctl: CommandTable = { groups: commandGroups, parents };

/** From a command line to its exit code. The one place where a result is printed and an error becomes words. */
export async function runCommandLine(host: Host, table: CommandTable = labctl): Promise<ExitCode> {
  const { argv, env, printer, terminal, signal } = host;
  const language = languageFrom(argv, env);
  let json: JsonStyle | undefined = argv.includes('--json') ? 'document' : undefined;
  try {
    const invocation = interpret(argv, {
      ...table,
      language,
      version,
      columns: terminal.columns,
      ...(asksForHelp(argv) ? { displayWidth: (await import('string-width')).default } : {}),
    });
    if (invocation.kind === 'print') {
      await printer.result(invocation.text);
      return exitCodes.ok;
    }
    const prepared = invocation.command.prepare(invocation.raw);
    const context = createContext({ ...host, language, json: prepared.json });
    if (namesOwn(invocation.own)) refuseOnOwn(invocation.command);
    await healOverdueFaults(invocation.command.path, context);
    const { outcomes, streams } = prepared.run(onOwnStack(context, invocation.own));
    if (prepared.json) json = streams ? 'lines' : 'document';
    const code = await printAll(outcomes, json, printer);
    // A watch that was stopped, a console that was closed from outside; a run that was stopped says so by itself.
    return signal.aborted && (streams || code === exitCodes.ok) ? exitCodes.interrupted : code;
  } catch (error) {
    // What fails because it was told to stop is no failure.
    return await reportError(signal.aborted ? new InterruptedError() : error, host, json);
  }
}

/** @returns the exit code of the last one. */
async function printAll(
  outcomes: AsyncIterable<Outcome>,
  json: JsonStyle | undefined,
  printer: Printer,
): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  for await (const outcome of outcomes) {
    code = outcome.exitCode;
    const text = json ? toJson(outcome.document, { pretty: json === 'document' }) : drawable(await outcome.text());
    if (text !== '') await printer.result(text);
  }
  return code;
}

/** Words to stderr, and with `--json` the same as the one document on stdout. */
export async function reportError(
  error: unknown,
  { argv, env, printer }: Host,
  json: JsonStyle | undefined = argv.includes('--json') ? 'document' : undefined,
): Promise<ExitCode> {
  const language = languageFrom(argv, env);
  printer.words(errorText(error, language, { debug: argv.includes('--debug') }));
  if (json) await printer.result(toJson(errorDocument(error, language), { pretty: json === 'document' }));
  return exitCodeOf(error);
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
  return (manifest as { readonly version: string }).version;
}

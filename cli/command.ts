import type { Text } from '../infra/text.ts';
import type { Context } from './context.ts';
import type { Field, Fields, InputOf, RawValue } from './fields.ts';
import { type ExitCode, exitCodes } from './output/exit-codes.ts';

/**
 * A command is a record: parse → call → typed result. It never prints and never exits; cli/output does the one,
 * cli/main.ts the other. To add one: a file in cli/commands/ that exports `command({…})`, one line in
 * cli/commands/index.ts, one test.
 *
 * The file is loaded at every start, so whatever is heavy is imported inside `run`, or comes lazily from the context.
 */
export interface CommandSpec<F extends Fields, R> {
  /** The words that call it: `['exp', 'run']`. */
  readonly path: readonly [string, ...string[]];
  readonly summary: Text;
  /** What it can do to the lab: nothing, something that can be undone, or the loss of data. */
  readonly impact: Impact;
  /** Positional arguments first, in their order; then options. */
  readonly fields: F;
  /** More about it, and examples, under its help. */
  readonly details?: Text;
  readonly hidden?: true;
  /** Several results come as a stream: a watch, a log that is followed. @throws the errors of infra/errors.ts */
  run(input: InputOf<F>, context: Context): Promise<R> | AsyncIterable<R>;
  /** What people read. An empty text prints nothing. */
  text(result: R, view: View<F>): string | Promise<string>;
  /** Absent: 0. Of a stream, that of the last result. */
  exitCode?(result: R): ExitCode;
  /** True where an option of its own asks for JSON, as `--json` does for all. */
  json?(input: InputOf<F>): boolean;
}

export type Impact = 'read' | 'write' | 'destructive';

/** What a command returns, and what `--json` prints: `labctl.<name>/<version>`, the version grows when a field goes. */
export interface Document {
  readonly schema: `labctl.${string}/${number}`;
}

export interface View<F extends Fields> {
  readonly language: Context['language'];
  readonly columns: number;
  readonly input: InputOf<F>;
}

/** One thing to print. */
export interface Outcome {
  readonly document: Document;
  readonly exitCode: ExitCode;
  text(): string | Promise<string>;
}

/** A command whose types are closed over, so that commands of every shape fit in one table. */
export interface CommandRecord {
  readonly path: readonly [string, ...string[]];
  readonly summary: Text;
  readonly impact: Impact;
  readonly fields: Readonly<Record<string, Field<unknown>>>;
  readonly details?: Text;
  readonly hidden?: true;
  /** @throws UserError when the raw values cannot be parsed. */
  prepare(raw: RawInput): Prepared;
}

export interface Prepared {
  readonly json: boolean;
  /** True where `run` yields as it goes: one JSON document a line then. */
  run(context: Context): { readonly outcomes: AsyncIterable<Outcome>; readonly streams: boolean };
}

export type RawInput = Readonly<Record<string, RawValue>>;

export function command<const F extends Fields, R extends Document>(spec: CommandSpec<F, R>): CommandRecord {
  return recordOf(spec, (result) => result);
}

/** A command whose result holds more than the JSON contract prints. */
export function reportCommand<const F extends Fields, R>(
  spec: CommandSpec<F, R> & { document(result: R): Document },
): CommandRecord {
  return recordOf(spec, spec.document);
}

function recordOf<F extends Fields, R>(spec: CommandSpec<F, R>, documentOf: (result: R) => Document): CommandRecord {
  const { path, summary, impact, fields, details, hidden } = spec;
  return {
    path,
    summary,
    impact,
    fields,
    ...(details === undefined ? {} : { details }),
    ...(hidden === undefined ? {} : { hidden }),
    prepare(raw) {
      const input = parseFields(fields, raw);
      return {
        json: raw.json === true || (spec.json?.(input) ?? false),
        run(context) {
          const running = spec.run(input, context);
          const streams = Symbol.asyncIterator in running;
          const view = { language: context.language, columns: context.terminal.columns, input };
          const outcomeOf = (result: R): Outcome => ({
            document: documentOf(result),
            exitCode: spec.exitCode?.(result) ?? exitCodes.ok,
            text: () => spec.text(result, view),
          });
          return { streams, outcomes: outcomes(streams ? running : once(running), outcomeOf) };
        },
      };
    },
  };
}

function parseFields<F extends Fields>(fields: F, raw: RawInput): InputOf<F> {
  const values = Object.entries(fields).map(([name, field]) => [name, field.parse(raw[name])] as const);
  // The one place where the types of the fields meet their names again.
  return Object.fromEntries(values) as InputOf<F>;
}

async function* once<R>(result: Promise<R>): AsyncIterable<R> {
  yield await result;
}

async function* outcomes<R>(results: AsyncIterable<R>, outcomeOf: (result: R) => Outcome): AsyncIterable<Outcome> {
  for await (const result of results) yield outcomeOf(result);
}

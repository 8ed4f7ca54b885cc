import type { Clock } from '../infra/clock.ts';
import type { Config } from '../infra/config.ts';
import type { Words } from '../infra/errors.ts';
import type { OwnOptions } from '../infra/own-stack/own-stack.ts';
import type { Driver, Endpoints, Stack } from '../infra/stack/stack.ts';
import type { Target } from '../infra/target.ts';
import type { Language } from '../infra/text.ts';
import type { Printer } from './output/printer.ts';
import type { Terminal } from './output/terminal.ts';
import { namesOwn, onlyInLab, openOwnStack } from './own-stack.ts';

/**
 * The composition root: what commands are given. Everything that costs time to load comes by a call, so that a command
 * pays only for what it uses.
 */
export interface Context {
  readonly language: Language;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  /** Which stack the command line names besides the lab, as it was written. */
  readonly own: OwnOptions;
  /** The result is asked for as JSON: nothing is drawn. */
  readonly json: boolean;
  /** Aborted by Ctrl-C or SIGTERM, and when nobody reads our output any more. */
  readonly signal: AbortSignal;
  /** How this very program is called again, for a child that outlives us. */
  readonly self: { readonly command: string; readonly args: readonly string[] };
  /** A line for people, on stderr. */
  say(words: Words): void;
  config(): Promise<Config>;
  endpoints(): Promise<Endpoints>;
  /** As its first `up` chose to run it; else whatever runs it, and native where nothing does. */
  stack(): Promise<Stack>;
  /** For `up`: chooses how the lab is run, where that is open, and writes it down. `stack()` is the same from then on. */
  stackToBringUp(asked?: Driver): Promise<Stack>;
  /** The lab itself where no scope is named. Its clients connect on first use; whoever opens it closes it. */
  openTarget(scope?: string): Promise<Target>;
}

export interface ContextOptions {
  readonly language: Language;
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly printer: Printer;
}

export function createContext({ printer, ...given }: ContextOptions): Context {
  const { language, env } = given;
  const config = once(async () => {
    const { readConfig } = await import('../infra/config.ts');
    return { ...readConfig(env), language };
  });
  const endpoints = once(async () => {
    const { labEndpoints } = await import('../infra/stack/endpoints.ts');
    return labEndpoints((await config()).portOffset);
  });
  let chosen: Promise<Stack> | undefined;
  const stack = (): Promise<Stack> => {
    chosen ??= openStack(async (config) => (await import('../infra/stack/driver.ts')).driverInUse(config, env));
    return chosen;
  };
  const openStack = async (choose: (config: Config) => Promise<Driver>): Promise<Stack> => {
    const { createStack } = await import('../infra/stack/driver.ts');
    return createStack(await config(), await choose(await config()), env);
  };
  return {
    ...given,
    own: {},
    self: { command: process.execPath, args: process.argv.slice(1, 2) },
    say: (words) => printer.words(typeof words === 'string' ? words : words[language]),
    config,
    endpoints,
    stack,
    stackToBringUp(asked) {
      chosen = openStack(async (config) => (await import('../infra/stack/driver.ts')).chooseDriver(config, asked, env));
      return chosen;
    },
    async openTarget(scope = '') {
      const { labTarget } = await import('../infra/target.ts');
      return labTarget(await endpoints(), scope, await stack());
    },
  };
}

/** The same for a command that is to look at another stack: there is a target, and no lab to act on. */
export function onOwnStack(context: Context, own: OwnOptions): Context {
  if (!namesOwn(own)) return { ...context, own };
  const refused = async (): Promise<never> => {
    throw onlyInLab('…');
  };
  const { env, terminal, signal, json: quiet, say } = context;
  const stack = once(() => openOwnStack(own, { env, terminal, signal, quiet, say }));
  return {
    ...context,
    own,
    endpoints: refused,
    stack: refused,
    stackToBringUp: refused,
    async openTarget() {
      const { ownTarget } = await import('../infra/target.ts');
      return ownTarget(await stack());
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

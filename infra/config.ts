import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from './errors.ts';
import { packageRoot } from './package-root.ts';
import { type Language, languageOf } from './text.ts';

/** Everything read from the environment, parsed once by the composition root and passed on. */
export interface Config {
  /** Added to every port of the lab. */
  readonly portOffset: number;
  /** `.lab` of this clone, or `.lab/offset-<n>` for a stack on shifted ports. State of engines, runs and daemons. */
  readonly stateDir: string;
  /** Fetched engines, shared between clones. */
  readonly cacheDir: string;
  readonly language: Language;
}

const environment = z.object({
  LABCTL_PORT_OFFSET: z.coerce.number().int().min(0).default(0),
  LABCTL_STATE_DIR: z.string().min(1).optional(),
  LABCTL_CACHE_DIR: z.string().min(1).optional(),
  LABCTL_LANG: z.enum(['ko', 'en']).optional(),
  XDG_CACHE_HOME: z.string().min(1).optional(),
});

/** @throws UserError naming the variable that cannot be used. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    throw new UserError(`${name}=${env[name] ?? ''} cannot be used`, {
      why: issue?.message ?? 'it has the wrong form',
      tryThis: [`unset ${name}, or give it a valid value`],
    });
  }
  const { LABCTL_PORT_OFFSET: portOffset } = parsed.data;
  return {
    portOffset,
    stateDir: parsed.data.LABCTL_STATE_DIR ?? stateDirFor(portOffset),
    cacheDir: parsed.data.LABCTL_CACHE_DIR ?? join(parsed.data.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'labctl'),
    language: parsed.data.LABCTL_LANG ?? languageOf(env.LC_ALL || env.LC_MESSAGES || env.LANG),
  };
}

function stateDirFor(portOffset: number): string {
  const base = join(packageRoot, '.lab');
  return portOffset === 0 ? base : join(base, `offset-${portOffset}`);
}

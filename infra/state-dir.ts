import { join, resolve } from 'node:path';
import { packageRoot } from './package-root.ts';

/**
 * `.lab` of this clone, or `.lab/offset-<n>` for a stack on shifted ports, unless LABCTL_STATE_DIR names another. Absolute.
 * By itself, because every command looks into it before it loads what parses the rest of the environment.
 */
export function stateDirOf({ LABCTL_STATE_DIR, LABCTL_PORT_OFFSET }: NodeJS.ProcessEnv): string {
  const base = join(packageRoot, '.lab');
  const offset = Number(LABCTL_PORT_OFFSET || 0);
  return resolve(LABCTL_STATE_DIR || (offset === 0 ? base : join(base, `offset-${offset}`)));
}

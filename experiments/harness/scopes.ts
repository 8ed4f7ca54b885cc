import { randomBytes } from 'node:crypto';
import { letterOf } from './define.ts';

/**
 * Names of runs and of the scopes of their arms. A scope's name says whose it is, `e001_k3j9x2_a`: leftovers are found
 * on the engines by it, without any file of ours.
 */
export interface RunName {
  readonly runId: string;
  /** Six letters and digits, unique enough among the runs of one stack. */
  readonly token: string;
}

export function newRunName(experimentId: string, nowMs: number): RunName {
  const token = randomBytes(6).reduce((text, byte) => text + (byte % 36).toString(36), '');
  const time = new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '');
  return { runId: `${experimentId}-${time}-${token}`, token };
}

/** `E-001` → `e001_` */
export function scopePrefixOf(experimentId: string): string {
  return `${experimentId.replace('-', '').toLowerCase()}_`;
}

export function armScope(experimentId: string, token: string, index: number): string {
  return `${scopePrefixOf(experimentId)}${token}_${letterOf(index)}`;
}

/** Matches scopes of this experiment only, whatever the run. */
export function scopePatternOf(experimentId: string): RegExp {
  return new RegExp(`^${scopePrefixOf(experimentId)}[a-z0-9]{6}_[a-z]$`);
}

/** @returns the token in a scope's name. */
export function tokenOf(scope: string): string | undefined {
  return scope.split('_')[1];
}

import type { MysqlDeadlocks, SeenDeadlock } from '../probes/mysql/deadlocks.ts';
import type { MysqlErrors } from '../probes/mysql/errors.ts';
import type { MysqlWaits } from '../probes/mysql/waits.ts';
import type { Part } from '../probes/reading.ts';
import type { Target } from '../target.ts';

/** What was read for the answer; each part may be missing by itself. */
export interface LockEvidence {
  readonly deadlocks: Part<MysqlDeadlocks>;
  readonly errors: Part<MysqlErrors>;
  readonly waits: Part<MysqlWaits>;
}

/** A target whose database is known is asked about it alone; a server may serve others. */
export function isAbout(target: Target, schema: string | null | undefined): boolean {
  const { database } = target.roles;
  // What nobody can place is told rather than left out.
  return database === '' || schema === undefined || schema === null || schema === '' || schema === database;
}

export function isDeadlockAbout(target: Target, { sides }: SeenDeadlock): boolean {
  const schemas = sides.flatMap(({ waitsFor }) => waitsFor?.schema ?? []);
  return schemas.length === 0 || schemas.some((schema) => isAbout(target, schema));
}

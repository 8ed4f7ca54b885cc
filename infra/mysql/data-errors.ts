import { errnoOf } from './pool.ts';

/**
 * Out of range, truncated, a wrong string or value, too long, a bigint that overflows: a statement that fails by what it
 * was given, and will fail so again. https://dev.mysql.com/doc/mysql-errors/9.5/en/server-error-reference.html
 */
const dataErrnos: ReadonlySet<number> = new Set([1264, 1265, 1292, 1366, 1406, 1690]);

export function isDataError(error: unknown): boolean {
  return dataErrnos.has(errnoOf(error) ?? 0);
}

import type { ResultSetHeader } from 'mysql2/promise';
import type { Scope } from '../contract/scope.ts';
import { mysqlConnection } from '../mysql/pool.ts';
import type { Endpoints } from '../stack/stack.ts';

const rowsPerStatement = 1_000;

/**
 * Makes sure that accounts `first … first + count − 1` exist; those that do are left as they are.
 * @returns how many were created. @throws EngineError when MySQL cannot be reached.
 */
export async function seedAccounts(
  endpoints: Endpoints,
  scope: Scope,
  { first, count }: { readonly first: number; readonly count: number },
): Promise<number> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database, owner: 'seed' });
  try {
    let created = 0;
    for (let start = 0; start < count; start += rowsPerStatement) {
      const rows = Array.from({ length: Math.min(rowsPerStatement, count - start) }, (_, row) => [first + start + row]);
      const [result] = await connection.query<ResultSetHeader>('INSERT IGNORE INTO account (account_id) VALUES ?', [
        rows,
      ]);
      created += result.affectedRows;
    }
    return created;
  } finally {
    await connection.end();
  }
}

import { notMapped, notPermitted, UnknownValue } from '../probes/reading.ts';
import { shortened } from '../text.ts';
import { errnoOf } from './pool.ts';

/** What the target lacks, if that is why a read failed: a right (not permitted), or a table, column, database (not mapped). */
export function lackIn(error: unknown): UnknownValue | undefined {
  switch (errnoOf(error)) {
    case 1044: // access to the database denied
    case 1045: // access denied: wrong user or password
    case 1142: // command denied on the table
    case 1143: // command denied on the column
    case 1227: // a privilege such as PROCESS is needed
    case 1370: // EXECUTE denied
    case 1698: // access denied: without a password
    case 1820: // the password must be changed first
    case 1862: // the password has expired
    case 3118: // the account is locked
      return new UnknownValue(because(notPermitted, error));
    case 1046: // no database is selected, and none is named
    case 1049: // unknown database
    case 1054: // unknown column
    case 1146: // no such table
      return new UnknownValue(because(notMapped, error));
    default:
      return undefined;
  }
}

/** What exactly is missing, in the words an operator maps or grants by. For people: nothing branches on it. */
function because(reason: string, error: unknown): string {
  const { sql = '' } = error as { sql?: string }; // mysql2 keeps the statement with its error
  const said = shortened((error as { sqlMessage?: string }).sqlMessage ?? '');
  const column = /^Unknown column '([^']*)'/.exec(said)?.[1];
  const tables = [...new Set([...sql.matchAll(/\b(?:FROM|JOIN)\s+`([^`]+)`/gi)].map(([, table]) => table))].join(', ');
  if (column !== undefined) return `${reason}: no column ${column} in ${tables === '' ? 'its table' : tables}`;
  const table = /^Table '([^']*)' doesn't exist/.exec(said)?.[1];
  if (table !== undefined) return `${reason}: no table ${table}`;
  const denied = /^(\S+(?:, \S+)*) command denied to user .* for table '([^']*)'/.exec(said);
  if (denied !== null) return `${reason}: ${denied[1]} on ${denied[2]}`;
  const privilege = /you need \(at least one of\) the (.+) privilege/.exec(said)?.[1];
  if (privilege !== undefined) return `${reason}: needs ${privilege}`;
  return said === '' ? reason : `${reason}: ${said}`;
}

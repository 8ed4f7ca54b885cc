import { z } from 'zod';
import type { EffectsRole, ProcessedRole, RoleMap } from '../../contract/role-map.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import type { SqlReader, SqlValue } from '../../mysql/read-only.ts';

/** A table in which an event stands once it was applied. */
export interface AppliedRung {
  readonly name: 'effect' | 'processed' | 'archive';
  readonly table: string;
  readonly dedupKey: string;
  /** Whose rows count; undefined where the table has only one's. */
  readonly consumers: { readonly column: string; readonly names: readonly string[] } | undefined;
}

const consumersMax = 50;

/** The strongest first. @throws as ReadOnlyMysql.query does. */
export async function appliedRungs(
  mysql: SqlReader,
  { effects, processed, processedArchive }: Pick<RoleMap, 'effects' | 'processed' | 'processedArchive'>,
): Promise<readonly AppliedRung[]> {
  return [
    ...(effects === undefined ? [] : [effectRung(effects)]),
    ...(processed === undefined ? [] : [await processedRung(mysql, 'processed', processed)]),
    ...(processedArchive === undefined ? [] : [await processedRung(mysql, 'archive', processedArchive)]),
  ];
}

const effectRung = ({ table, dedupKey }: EffectsRole): AppliedRung => ({
  name: 'effect',
  table,
  dedupKey,
  consumers: undefined,
});

/** The key begins with the consumer: without its name each look-up would read the whole table. */
async function processedRung(
  mysql: SqlReader,
  name: 'processed' | 'archive',
  { table, consumer, projector, dedupKey }: ProcessedRole,
): Promise<AppliedRung> {
  if (projector !== undefined) return { name, table, dedupKey, consumers: { column: consumer, names: [projector] } };
  const sql = `SELECT DISTINCT ${quote(consumer)} AS name FROM ${quote(table)} LIMIT ${consumersMax}`;
  const names = (await mysql.query(sql, [], z.object({ name: z.string() }))).map((row) => row.name);
  return { name, table, dedupKey, consumers: { column: consumer, names } };
}

export interface SqlPart {
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/**
 * AND NOT EXISTS … for each rung. NO_SEMIJOIN: row by row; an antijoin might be planned as a hash of the whole table.
 * @param key the event's dedup_key, as SQL.
 */
export function notApplied(rungs: readonly AppliedRung[], key: string): SqlPart {
  const parts = rungs.map((rung) => {
    const { sql, params } = ofConsumers(rung, 'rung');
    return {
      sql: `AND NOT EXISTS (SELECT /*+ NO_SEMIJOIN() */ 1 FROM ${quote(rung.table)} rung
        WHERE rung.${quote(rung.dedupKey)} = ${key}${sql})`,
      params,
    };
  });
  return { sql: parts.map(({ sql }) => sql).join('\n'), params: parts.flatMap(({ params }) => params) };
}

function ofConsumers({ consumers }: AppliedRung, alias: string): SqlPart {
  if (consumers === undefined) return { sql: '', params: [] };
  if (consumers.names.length === 0) return { sql: ' AND FALSE', params: [] };
  return {
    sql: ` AND ${alias}.${quote(consumers.column)} IN (${placeholders(consumers.names)})`,
    params: consumers.names,
  };
}

export const placeholders = (values: readonly unknown[]): string => values.map(() => '?').join(', ');

/** Which of the keys have a row there. */
export async function keysIn(
  mysql: SqlReader,
  rung: AppliedRung,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { sql, params } = ofConsumers(rung, 'rung');
  const rows = await mysql.query(
    `SELECT DISTINCT rung.${quote(rung.dedupKey)} AS dedup_key FROM ${quote(rung.table)} rung
     WHERE rung.${quote(rung.dedupKey)} IN (${placeholders(keys)})${sql}`,
    [...keys, ...params],
    z.object({ dedup_key: z.string() }),
  );
  return new Set(rows.map(({ dedup_key }) => dedup_key));
}

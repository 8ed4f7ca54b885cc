import { z } from 'zod';
import type { ProcessedRole, RoleMap } from '../contract/role-map.ts';
import { quoteIdentifier as quote } from '../mysql/identifiers.ts';
import type { ReadOnlyMysql } from '../mysql/read-only.ts';
import type { AskContext, DiagnosisFinding } from './diagnosis.ts';
import { estimatedRows, keyWindows, placeholders } from './key-windows.ts';

export interface ProcessedAnswer {
  readonly checked: number;
  readonly doubled: number;
  readonly findings: readonly DiagnosisFinding[];
}

const copyRow = z.object({
  source: z.string(),
  dedup_key: z.string(),
  outcome: z.string().nullable(),
  topic: z.string().nullable(),
  partition_id: z.coerce.number().nullable(),
  record_offset: z.coerce.string().nullable(),
  processed_at: z.coerce.string().nullable(),
});
type Copy = z.infer<typeof copyRow>;

/**
 * The weakest rung, for targets without journal and counting projection: an event that the same consumer has noted twice,
 * in the table itself where it has no unique key, or once there and once in its archive.
 */
export async function processedDuplicates(
  mysql: ReadOnlyMysql,
  { processed, roles }: { readonly processed: ProcessedRole; readonly roles: RoleMap },
  {
    keys,
    keep,
    context,
  }: { readonly keys: readonly string[] | undefined; readonly keep: number; readonly context: AskContext },
): Promise<ProcessedAnswer> {
  const { signal } = context;
  const fixed = processed.projector === undefined ? {} : { [processed.consumer]: processed.projector };
  const of = keys === undefined ? await estimatedRows(mysql, processed.table) : keys.length;
  const answer = { checked: 0, doubled: 0, findings: [] as DiagnosisFinding[] };
  const key = quote(processed.dedupKey);
  const windows =
    keys === undefined
      ? keyWindows(mysql, { table: processed.table, key: processed.dedupKey, fixed }, { signal })
      : [{ where: `${key} IN (${placeholders(keys)})`, params: keys }];
  for await (const { where, params } of windows) {
    const from = `FROM ${quote(processed.table)} WHERE ${where}`;
    const [count] = await mysql.longQuery(
      `SELECT COUNT(*) AS checked ${from}`,
      params,
      z.object({ checked: z.coerce.number() }),
      { signal },
    );
    answer.checked += count?.checked ?? 0;
    const archive = roles.processedArchive;
    const both = archive === undefined ? params : [...params, ...params];
    const doubled = await mysql.longQuery(doubledSql(processed, archive, where), both, keyRow, { signal });
    for (const { dedup_key } of doubled) await take(mysql, { processed, roles }, { dedupKey: dedup_key, answer, keep });
    context.onProgress({ what: { ko: '처리 기록', en: 'rows of processed_event' }, done: answer.checked, of });
  }
  return answer;
}

const keyRow = z.object({ dedup_key: z.string() });

/** Within the table, and between it and its archive. */
function doubledSql(processed: ProcessedRole, archive: ProcessedRole | undefined, where: string): string {
  const [table, consumer, key] = [processed.table, processed.consumer, processed.dedupKey].map(quote);
  const within = `SELECT ${key} AS dedup_key FROM ${table} WHERE ${where} GROUP BY ${consumer}, ${key} HAVING COUNT(*) > 1`;
  if (archive === undefined) return within;
  return `${within} UNION SELECT own.${key} AS dedup_key
    FROM (SELECT ${consumer}, ${key} FROM ${table} WHERE ${where}) own
    JOIN ${quote(archive.table)} old ON old.${quote(archive.consumer)} = own.${consumer}
      AND old.${quote(archive.dedupKey)} = own.${key}`;
}

async function take(
  mysql: ReadOnlyMysql,
  { processed, roles }: { readonly processed: ProcessedRole; readonly roles: RoleMap },
  {
    dedupKey,
    answer,
    keep,
  }: { dedupKey: string; answer: { doubled: number; findings: DiagnosisFinding[] }; keep: number },
): Promise<void> {
  const tables = [processed, roles.processedArchive].flatMap((role) => role ?? []);
  const copies = await mysql.snapshot((reader) =>
    reader.query(
      tables.map(copiesSql).join(' UNION ALL '),
      tables.flatMap(({ projector }) => (projector === undefined ? [dedupKey] : [dedupKey, projector])),
      copyRow,
    ),
  );
  // An archiver moves rows in its own time: only what stands twice at one moment counts, and folded ones applied nothing.
  const applied = copies.filter(({ outcome }) => outcome !== 'folded');
  if (applied.length < 2) return;
  answer.doubled += 1;
  if (answer.findings.length < keep) answer.findings.push(findingOf(dedupKey, applied));
}

function copiesSql(role: ProcessedRole): string {
  const column = (name: string | undefined, as: string): string =>
    `${name === undefined ? 'NULL' : quote(name)} AS ${as}`;
  const consumer = role.projector === undefined ? '' : ` AND ${quote(role.consumer)} = ?`;
  return `SELECT '${role.table.replaceAll("'", "''")}' AS source, ${quote(role.dedupKey)} AS dedup_key, ${column(role.outcome, 'outcome')},
      ${column(role.topic, 'topic')}, ${column(role.partition, 'partition_id')}, ${column(role.offset, 'record_offset')},
      ${column(role.processedAt, 'processed_at')}
    FROM ${quote(role.table)} WHERE ${quote(role.dedupKey)} = ?${consumer}`;
}

function findingOf(dedupKey: string, copies: readonly Copy[]): DiagnosisFinding {
  return {
    key: `processed-twice.${dedupKey}`,
    kind: 'processed-twice',
    severity: 'critical',
    text: {
      ko: `${dedupKey}이(가) ${copies.length}번 처리된 것으로 기록됨`,
      en: `${dedupKey} is noted as processed ${copies.length} times`,
    },
    rung: 'processed_event alone',
    evidence: copies.map((copy) => ({
      table: copy.source,
      topic: copy.topic,
      partition: copy.partition_id,
      offset: copy.record_offset,
      processed_at: copy.processed_at,
    })),
    trace: dedupKey,
  };
}

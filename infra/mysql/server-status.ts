import { z } from 'zod';
import { known, notPermitted, type Part, UnknownValue, unknownPart } from '../probes/reading.ts';
import type { ReadOnlyMysql } from './read-only.ts';

/** Which server answers, and since when: counters begin anew with each start. */
export interface ServerIdentity {
  /** As the server says it: `9.7.4`, `10.11.19-MariaDB`. */
  readonly version: string;
  readonly isMariaDb: boolean;
  /** MySQL's server_uuid; MariaDB has none. */
  readonly uuid: string | undefined;
  readonly uptimeSeconds: number;
  /** The server's own clock, milliseconds since the epoch. */
  readonly serverTimeMs: number;
}

export interface ServerStatus {
  readonly identity: ServerIdentity;
  /** Of SHOW GLOBAL STATUS, by name. */
  readonly counters: ReadonlyMap<string, bigint>;
  /** Of SHOW GLOBAL VARIABLES, by name. */
  readonly variables: ReadonlyMap<string, string>;
}

const named = z.object({ Variable_name: z.string(), Value: z.string() });
const now = z.object({ version: z.string(), time_us: z.coerce.bigint() });

/** Neither needs a privilege. @param counters, variables the names wanted; names that the server lacks are absent. */
export async function readServerStatus(
  mysql: ReadOnlyMysql,
  { counters, variables = [] }: { readonly counters: readonly string[]; readonly variables?: readonly string[] },
): Promise<ServerStatus> {
  const show = (what: string, names: readonly string[]) =>
    mysql.query(`SHOW GLOBAL ${what} WHERE Variable_name IN (${names.map(() => '?').join(', ')})`, names, named);
  const [status, settings, [server]] = await Promise.all([
    show('STATUS', ['Uptime', ...counters]),
    show('VARIABLES', ['server_uuid', ...variables]),
    mysql.query(
      "SELECT VERSION() AS version, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) AS time_us",
      [],
      now,
    ),
  ]);
  if (server === undefined) throw new Error('a SELECT without FROM gave no row');
  const values = new Map(
    status.flatMap(({ Variable_name: name, Value }) => (/^-?\d+$/.test(Value) ? [[name, BigInt(Value)] as const] : [])),
  );
  const set = new Map(settings.map(({ Variable_name: name, Value }) => [name, Value] as const));
  return {
    identity: {
      version: server.version,
      isMariaDb: isMariaDb(server.version),
      uuid: set.get('server_uuid'),
      uptimeSeconds: Number(values.get('Uptime') ?? 0n),
      serverTimeMs: Number(server.time_us / 1000n),
    },
    counters: values,
    variables: set,
  };
}

/** MariaDB says so in its version, whatever else it calls itself: `5.5.5-10.11.19-MariaDB-1`. */
export const isMariaDb = (version: string): boolean => /mariadb/i.test(version);

/** Uptime counts whole seconds, and a server's clock may be slewed: less than this is the same start. */
const startToleranceMs = 5_000;

/** Another server, or the same one started again: its counters began anew, and a difference of them would say nothing. */
export function isOtherRun(before: ServerIdentity, current: ServerIdentity): boolean {
  const startedAt = ({ serverTimeMs, uptimeSeconds }: ServerIdentity): number => serverTimeMs - uptimeSeconds * 1000;
  return (
    before.uuid !== current.uuid ||
    current.uptimeSeconds < before.uptimeSeconds ||
    Math.abs(startedAt(current) - startedAt(before)) > startToleranceMs
  );
}

const metric = z.object({ name: z.string(), counted: z.coerce.bigint(), enabled: z.coerce.number() });

/**
 * Counters of information_schema.INNODB_METRICS, which needs PROCESS. The flag that says whether a counter is on has another
 * name on each server.
 * @returns each name asked for; unknown where the account may not, the counter is off, or the server lacks it.
 */
export async function readInnodbMetrics<Name extends string>(
  mysql: ReadOnlyMysql,
  names: readonly Name[],
  mariaDb: boolean,
): Promise<Readonly<Record<Name, Part<bigint>>>> {
  const flag = mariaDb ? 'ENABLED = 1' : "STATUS = 'enabled'";
  const each = (part: (name: Name) => Part<bigint>) =>
    Object.fromEntries(names.map((name) => [name, part(name)])) as Record<Name, Part<bigint>>;
  try {
    const rows = await mysql.query(
      `SELECT NAME AS name, COUNT AS counted, ${flag} AS enabled FROM information_schema.INNODB_METRICS
       WHERE NAME IN (${names.map(() => '?').join(', ')})`,
      names,
      metric,
    );
    return each((name) => {
      const found = rows.find((row) => row.name === name);
      if (found === undefined) return unknownPart(`this server has no counter ${name}`);
      return found.enabled === 1 ? known(found.counted) : unknownPart(`the counter ${name} is switched off`);
    });
  } catch (error) {
    if (error instanceof UnknownValue) return each(() => unknownPart(`${notPermitted} (PROCESS)`));
    throw error;
  }
}

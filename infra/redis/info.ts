/** What INFO says, as `name:value` lines of all its sections. */
export type Info = ReadonlyMap<string, string>;

export function parseInfo(text: string): Info {
  const fields = new Map<string, string>();
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/** A field that is a number; undefined where it is absent, or none. */
export function numberIn(info: Info, name: string): number | undefined {
  const value = Number(info.get(name) ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

/** Monotonic since the server began or since CONFIG RESETSTAT. */
export interface CommandStat {
  readonly calls: number;
  readonly usec: number;
}

/** INFO commandstats: `cmdstat_get:calls=7,usec=12,usec_per_call=1.71,rejected_calls=0,failed_calls=0`. */
export function commandStats(info: Info): Readonly<Record<string, CommandStat>> {
  return Object.fromEntries(
    valuesOf(info, 'cmdstat_').map(([command, fields]) => [
      command,
      { calls: Number(fields.get('calls') ?? 0), usec: Number(fields.get('usec') ?? 0) },
    ]),
  );
}

/** INFO latencystats, microseconds since the server began: `latency_percentiles_usec_get:p50=1.003,p99=2.007,p99.9=…`. */
export function latencyP99(info: Info): Readonly<Record<string, number>> {
  return Object.fromEntries(
    valuesOf(info, 'latency_percentiles_usec_').flatMap(([command, fields]) => {
      const p99 = Number(fields.get('p99') ?? Number.NaN);
      return Number.isFinite(p99) ? [[command, p99]] : [];
    }),
  );
}

/** INFO errorstats: `errorstat_CROSSSLOT:count=1`. */
export function errorCounts(info: Info): Readonly<Record<string, number>> {
  return Object.fromEntries(
    valuesOf(info, 'errorstat_').map(([error, fields]) => [error, Number(fields.get('count') ?? 0)]),
  );
}

/** Fields by what follows the prefix in their names, each as `name=value` pairs. */
function valuesOf(info: Info, prefix: string): readonly (readonly [string, ReadonlyMap<string, string>])[] {
  return [...info].flatMap(([name, value]) => {
    if (!name.startsWith(prefix)) return [];
    const pairs = value.split(',').map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    });
    return [[name.slice(prefix.length), new Map(pairs)] as const];
  });
}

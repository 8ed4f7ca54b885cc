import { z } from 'zod';
import { messageOf } from '../../errors.ts';
import { addressOf, type RedisPlace, redisPlaces } from '../../redis/places.ts';
import type { Target } from '../../target.ts';
import { printable } from '../../text.ts';
import { known, type Part, unknownPart } from '../reading.ts';

/** What a node says of keys and slots without a setting being changed for it. */
export interface ServerKeys {
  /** Commands that took longer than the server's own limit, by command and first key, the most costly first. */
  readonly slow: readonly SlowKey[];
  /** Processor time of its slots, the most first; empty where the server does not count it (before 8.2). */
  readonly slots: readonly { readonly slot: number; readonly cpuUsec: number }[];
}

export interface SlowKey {
  /** Undefined: such a command has none. */
  readonly key: string | undefined;
  readonly command: string;
  readonly calls: number;
  readonly usec: number;
}

const slowEntries = 128;
const slowKeysListed = 5;
/** The slow log keeps entries for ever: an old one says nothing of now. */
const recentSeconds = 600;

export async function readServerKeys(
  target: Target,
): Promise<readonly { readonly address: string; readonly keys: Part<ServerKeys> }[]> {
  const places = await redisPlaces(target);
  return Promise.all(places.map(async (place) => ({ address: addressOf(place), keys: await keysOf(place) })));
}

async function keysOf({ client, isInCluster }: RedisPlace): Promise<Part<ServerKeys>> {
  try {
    const [[seconds], entries] = await Promise.all([
      client.command('TIME', [], z.tuple([z.coerce.number(), z.unknown()])),
      client.command('SLOWLOG', ['GET', slowEntries], z.array(slowEntry)),
    ]);
    const recent = entries.filter(({ at }) => at > seconds - recentSeconds);
    const slots = isInCluster ? await client.command(...slotStats).catch(() => []) : [];
    return known({ slow: slowKeys(recent), slots });
  } catch (error) {
    return unknownPart(printable(messageOf(error)).slice(0, 200));
  }
}

type SlowEntry = { readonly at: number; readonly usec: number; readonly args: readonly string[] };

/** id, unix time, microseconds, arguments, … ; the server cuts long arguments itself. */
const slowEntry = z
  .tuple([z.coerce.number(), z.coerce.number(), z.coerce.number(), z.array(z.coerce.string())], z.unknown())
  .transform(([, at, usec, args]): SlowEntry => ({ at, usec, args }));

/** CLUSTER SLOT-STATS: a list of slot and its statistics, name and value in turns; Redis 8.2, Valkey 8.0. */
const slotStats = [
  'CLUSTER',
  ['SLOT-STATS', 'ORDERBY', 'CPU-USEC', 'LIMIT', '5', 'DESC'],
  z.array(
    z.tuple([z.coerce.number(), z.array(z.union([z.string(), z.number()]))]).transform(([slot, stats]) => {
      const at = stats.findIndex((name) => String(name).toLowerCase() === 'cpu-usec');
      return { slot, cpuUsec: Number(stats[at + 1] ?? 0) };
    }),
  ),
] as const;

/** About the server or a pattern, not about a key: what stands behind them names none. */
const keyless =
  /^(?:acl|auth|bgrewriteaof|bgsave|client|cluster|command|config|dbsize|debug|exec|failover|flush(?:all|db)|function|hello|info|keys|latency|module|monitor|p?subscribe|ping|psync|publish|replconf|save|scan|script|select|shutdown|slowlog|swapdb|sync|time|wait)$/;

/** Scripts name their keys behind the count of them, which may be 0; else what is slow has its key first. */
function keyIn(command: string, args: readonly string[]): string | undefined {
  if (keyless.test(command)) return undefined;
  const isScript = /^(?:eval|evalsha|fcall)(?:_ro)?$/.test(command);
  if (isScript && args[2] === '0') return undefined;
  const key = args[isScript ? 3 : 1];
  return key === undefined ? undefined : printable(key).slice(0, 100);
}

export function slowKeys(entries: readonly SlowEntry[]): readonly SlowKey[] {
  const sums = new Map<string, { key: string | undefined; command: string; calls: number; usec: number }>();
  for (const { usec, args } of entries) {
    const command = printable(args[0] ?? '')
      .toLowerCase()
      .slice(0, 40);
    const key = keyIn(command, args);
    const sum = sums.get(`${command} ${key}`) ?? { key, command, calls: 0, usec: 0 };
    sums.set(`${command} ${key}`, { ...sum, calls: sum.calls + 1, usec: sum.usec + usec });
  }
  return [...sums.values()].sort((a, b) => b.usec - a.usec).slice(0, slowKeysListed);
}

import { z } from 'zod';
import { type TopKeys, topKeys } from '../../contract/top-keys.ts';
import { quoteIdentifier as quote } from '../../mysql/identifiers.ts';
import { ownerOf } from '../../redis/cluster/key-places.ts';
import { addressOf, redisServers } from '../../redis/places.ts';
import { slotOf } from '../../redis/slot.ts';
import type { Target } from '../../target.ts';
import { notMapped, UnknownValue } from '../reading.ts';
import { type HotKey, type HotSlot, hotKeyOf } from './hot-key.ts';

/** What clients of the cache counted, summed up. */
export interface KeyCounts {
  readonly workers: readonly string[];
  readonly perSecond: number;
  /** Different keys that were noticed; at least. */
  readonly distinct: number;
  readonly windowMs: number;
  readonly keys: readonly HotKey[];
  readonly slots: readonly HotSlot[];
}

const listed = 10;
/** Counts are of ten seconds: a client that fell silent for longer says nothing of now. */
const silentUs = 15_000_000n;

const row = z.object({ worker: z.string(), counts: topKeys.nullable().catch(null), age_us: z.coerce.bigint() });

/** @throws UnknownValue where nobody counts; EngineError. */
export async function readClientCounts(target: Target): Promise<KeyCounts> {
  const { heartbeats } = target.roles;
  if (heartbeats?.topKeys === undefined) throw new UnknownValue(notMapped);
  const rows = await target.mysql.query(
    `SELECT worker, ${quote(heartbeats.topKeys)} AS counts, TIMESTAMPDIFF(MICROSECOND, beat_at, NOW(6)) AS age_us
     FROM ${quote(heartbeats.table)} ORDER BY worker`,
    [],
    row,
  );
  const counting = rows.flatMap(({ worker, counts, age_us }) =>
    counts === null || age_us > silentUs ? [] : [{ worker, counts }],
  );
  if (counting.length === 0) throw new UnknownValue(whyNobody(rows));
  const nodeOf = await placesOfSlots(target);
  return summed(counting, nodeOf);
}

function whyNobody(rows: readonly z.output<typeof row>[]): string {
  const silent = rows
    .filter(({ counts }) => counts !== null)
    .map(({ worker, age_us }) => `${worker} ${age_us / 1_000_000n} s`);
  return silent.length === 0 ? 'no heartbeat carries key counts' : `heartbeats are old: ${silent.join(', ')}`;
}

/** Only where the cache itself is a cluster does a slot have a node. */
async function placesOfSlots(target: Target): Promise<(slot: number) => string | undefined> {
  const { standalone, cluster } = await redisServers(target);
  if (standalone !== undefined) return () => addressOf(standalone);
  const members = (cluster ?? []).flatMap(({ member, host, port }) => (member ? [{ ...member, host, port }] : []));
  return (slot) => {
    const owner = ownerOf(slot, members);
    return owner && addressOf(owner);
  };
}

function summed(
  counting: readonly { readonly worker: string; readonly counts: TopKeys }[],
  nodeOf: (slot: number) => string | undefined,
): KeyCounts {
  const perSecond = counting.reduce((sum, { counts }) => sum + rate(counts.total, counts), 0);
  const keys = ratesOf(counting, ({ keys: own }) => own);
  const slots = ratesOf(counting, ({ slots: own }) => own);
  return {
    workers: counting.map(({ worker }) => worker),
    perSecond,
    // Workers mostly see the same keys.
    distinct: Math.max(...counting.map(({ counts }) => counts.distinct)),
    windowMs: Math.max(...counting.map(({ counts }) => counts.windowMs)),
    keys: keys.map(([key, own]) => hotKeyOf(key, own, own / perSecond, nodeOf(slotOf(key)))),
    slots: slots.map(([slot, own]) => ({ slot, perSecond: own, share: own / perSecond })),
  };
}

const rate = (count: number, { windowMs }: TopKeys): number => (count * 1000) / windowMs;

function ratesOf<Name>(
  counting: readonly { readonly counts: TopKeys }[],
  read: (counts: TopKeys) => readonly (readonly [Name, number])[],
): readonly (readonly [Name, number])[] {
  const rates = new Map<Name, number>();
  for (const { counts } of counting) {
    for (const [name, count] of read(counts)) rates.set(name, (rates.get(name) ?? 0) + rate(count, counts));
  }
  return [...rates].sort(([, a], [, b]) => b - a).slice(0, listed);
}

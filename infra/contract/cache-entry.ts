/**
 * What stands at `balance:<account_id>`: either an entry or a tombstone, in one string, so that one Lua call decides
 * over both atomically and the pair shares a slot in Redis Cluster.
 *
 *   E:<account_seq>:<balance>   a cached balance, as of that sequence number
 *   T:<account_seq>             invalidated: no entry older than that may be stored
 */
export type CacheValue =
  | { readonly kind: 'entry'; readonly accountSeq: bigint; readonly balance: bigint }
  | { readonly kind: 'tombstone'; readonly accountSeq: bigint };

export function encodeCacheValue(value: CacheValue): string {
  return value.kind === 'entry' ? `E:${value.accountSeq}:${value.balance}` : `T:${value.accountSeq}`;
}

/** @returns undefined for a text that is neither, which is a finding for whoever reads it, never a crash. */
export function decodeCacheValue(text: string): CacheValue | undefined {
  const match = /^(?:E:(\d+):(-?\d+)|T:(\d+))$/.exec(text);
  if (match === null) return undefined;
  const [, entrySeq, balance, tombstoneSeq] = match;
  return entrySeq === undefined || balance === undefined
    ? { kind: 'tombstone', accountSeq: BigInt(tombstoneSeq ?? 0) }
    : { kind: 'entry', accountSeq: BigInt(entrySeq), balance: BigInt(balance) };
}

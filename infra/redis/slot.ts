/**
 * The slot of a key in a Redis Cluster: CRC16 (XMODEM: polynomial 0x1021, no reflection, start 0) of its hash tag, or of
 * the whole key, modulo 16384; Redis Cluster specification, "Key distribution model" and "Hash tags". Own code: the
 * package that ioredis uses looks for a later tag in `foo{}{bar}`, the server does not.
 */
export function slotOf(key: string): number {
  let crc = 0;
  for (const byte of Buffer.from(hashTagOf(key) ?? key)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc & 0x3fff;
}

/** What stands between the first `{` and the first `}` behind it; undefined where there is none, or nothing between them. */
export function hashTagOf(key: string): string | undefined {
  const open = key.indexOf('{');
  const close = open < 0 ? -1 : key.indexOf('}', open + 1);
  return close > open + 1 ? key.slice(open + 1, close) : undefined;
}

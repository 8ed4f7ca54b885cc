/** CRC-32C's polynomial (Castagnoli, RFC 3720), reflected. */
const polynomial = 0x82f63b78;

/** At `256 * n + byte`: what a byte does to the sum when n more bytes follow it. */
const table = new Int32Array(8 * 256);
for (let at = 0; at < table.length; at++) {
  let sum = at < 256 ? at : (table[at - 256] ?? 0);
  if (at < 256) for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ polynomial;
  else sum = (sum >>> 8) ^ followedBy(0, sum);
  table[at] = sum;
}

/** The checksum of a record batch, unsigned. Eight bytes a step, some hundred MB a second. */
export function crc32c(bytes: Buffer): number {
  let sum = -1;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = sum ^ bytes.readInt32LE(at);
    const high = bytes.readInt32LE(at + 4);
    const first = followedBy(7, low) ^ followedBy(6, low >>> 8) ^ followedBy(5, low >>> 16) ^ followedBy(4, low >>> 24);
    sum =
      first ^ followedBy(3, high) ^ followedBy(2, high >>> 8) ^ followedBy(1, high >>> 16) ^ followedBy(0, high >>> 24);
  }
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ followedBy(0, sum ^ (bytes[at] ?? 0));
  return (sum ^ -1) >>> 0;
}

/** @param byte its low eight bits. */
function followedBy(bytes: number, byte: number): number {
  return table[256 * bytes + (byte & 0xff)] ?? 0;
}

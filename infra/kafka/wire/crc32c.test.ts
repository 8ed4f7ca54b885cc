import { expect, test } from 'vitest';
import { crc32c } from './crc32c.ts';

// RFC 3720, B.4, and the check value of the CRC catalogue.
test.each([
  ['', 0],
  [Buffer.from('123456789').toString('hex'), 0xe3069283],
  ['00'.repeat(32), 0x8a9136aa],
  ['ff'.repeat(32), 0x62a8ab43],
  [Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)).toString('hex'), 0x46dd794e],
])('%s', (hex, expected) => {
  expect(crc32c(Buffer.from(hex, 'hex'))).toBe(expected);
});

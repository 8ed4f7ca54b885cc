import { createHash } from 'node:crypto';

/** What others have packed, in base64. */

const once = createHash('sha512').update('labctl').digest('hex');

/** In each of `lz4Frames`. It stands twice in it, across the border of two blocks of 64 KiB. */
export const inLz4Frames = Buffer.from(`${'x'.repeat(60_000)}${once}${'y'.repeat(6_000)}${once}`);

/** By the LZ4 project's own command line tool, 1.9.4: lz4 -B4, with -BD, -BD -BX, -BI --no-frame-crc, -BI -BX --content-size. */
export const lz4Frames: Readonly<Record<string, string>> = {
  'linked blocks, a checksum of the content':
    'BCJNGERAXpIBAAAfeAEA////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '/////////////////////////////////zf/c2RlMDQwYzBlMDVlODIwOGRlYmM1ZTBmNmY3OTMzMTkxYzdhNjRkYjE3MjBlZGU2' +
    'YmUwM2E3NGQ5MjMzYzY3OGNkYTE5Y2FkODVhNmUxODdlM2I4MWY3OWZjZmE1ZmMxNTllMTY2MWEzMTdiZDg1MDMxOTFmOTliNjI4' +
    'MjUzMjcxeXkCAP///////////////////////////xtQeXl5eXkRAAAAH3kBAP//Pg/wF2hQNTMyNzEAAAAAeKh70Q==',
  'linked blocks, each with a checksum':
    'BCJNGFRArpIBAAAfeAEA////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '/////////////////////////////////zf/c2RlMDQwYzBlMDVlODIwOGRlYmM1ZTBmNmY3OTMzMTkxYzdhNjRkYjE3MjBlZGU2' +
    'YmUwM2E3NGQ5MjMzYzY3OGNkYTE5Y2FkODVhNmUxODdlM2I4MWY3OWZjZmE1ZmMxNTllMTY2MWEzMTdiZDg1MDMxOTFmOTliNjI4' +
    'MjUzMjcxeXkCAP///////////////////////////xtQeXl5eXmp0zZxEQAAAB95AQD//z4P8BdoUDUzMjcxFibv0AAAAAB4qHvR',
  'independent blocks, no checksums':
    'BCJNGGBAgpIBAAAfeAEA////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '/////////////////////////////////zf/c2RlMDQwYzBlMDVlODIwOGRlYmM1ZTBmNmY3OTMzMTkxYzdhNjRkYjE3MjBlZGU2' +
    'YmUwM2E3NGQ5MjMzYzY3OGNkYTE5Y2FkODVhNmUxODdlM2I4MWY3OWZjZmE1ZmMxNTllMTY2MWEzMTdiZDg1MDMxOTFmOTliNjI4' +
    'MjUzMjcxeXkCAP///////////////////////////xtQeXl5eXmJAAAAH3kBAP//PvBxZGUwNDBjMGUwNWU4MjA4ZGViYzVlMGY2' +
    'Zjc5MzMxOTFjN2E2NGRiMTcyMGVkZTZiZTAzYTc0ZDkyMzNjNjc4Y2RhMTljYWQ4NWE2ZTE4N2UzYjgxZjc5ZmNmYTVmYzE1OWUx' +
    'NjYxYTMxN2JkODUwMzE5MWY5OWI2MjgyNTMyNzEAAAAA',
  'independent blocks, every checksum, the length of the content':
    'BCJNGHxA0AIBAAAAAADTkgEAAB94AQD/////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////////////////////////////////////////////////////////////' +
    '////////////////////////////////////////////N/9zZGUwNDBjMGUwNWU4MjA4ZGViYzVlMGY2Zjc5MzMxOTFjN2E2NGRi' +
    'MTcyMGVkZTZiZTAzYTc0ZDkyMzNjNjc4Y2RhMTljYWQ4NWE2ZTE4N2UzYjgxZjc5ZmNmYTVmYzE1OWUxNjYxYTMxN2JkODUwMzE5' +
    'MWY5OWI2MjgyNTMyNzF5eQIA////////////////////////////G1B5eXl5eanTNnGJAAAAH3kBAP//PvBxZGUwNDBjMGUwNWU4' +
    'MjA4ZGViYzVlMGY2Zjc5MzMxOTFjN2E2NGRiMTcyMGVkZTZiZTAzYTc0ZDkyMzNjNjc4Y2RhMTljYWQ4NWE2ZTE4N2UzYjgxZjc5' +
    'ZmNmYTVmYzE1OWUxNjYxYTMxN2JkODUwMzE5MWY5OWI2MjgyNTMyNzFHdEPNAAAAAHioe9E=',
};

/** In each of `packedBatches`. */
export const inPackedBatches = [0, 1, 2].map((n) => ({
  key: Buffer.from(`account-${n}`),
  value: Buffer.from(`${'an amount of 12,000 won, and '.repeat(4)}${n}`),
  headers: { event_type: Buffer.from('debited'), n: Buffer.from(`${n}`) },
}));

/** One batch each, as a broker (4.4.0) gives it that took it from kafka-console-producer (4.3.1) --compression-codec. */
export const packedBatches: Readonly<Record<string, string>> = {
  none:
    'AAAAAAAAAAAAAAILAAAAAAJunV02AAAAAAACAAABohVMNEoAAAGiFUw0YwAAAAAAAAPpAAAAAAAAAAAAA7gCAAAAEmFjY291bnQt' +
    'MOoBYW4gYW1vdW50IG9mIDEyLDAwMCB3b24sIGFuZCBhbiBhbW91bnQgb2YgMTIsMDAwIHdvbiwgYW5kIGFuIGFtb3VudCBvZiAx' +
    'MiwwMDAgd29uLCBhbmQgYW4gYW1vdW50IG9mIDEyLDAwMCB3b24sIGFuZCAwBBRldmVudF90eXBlDmRlYml0ZWQCbgIwuAIAMgIS' +
    'YWNjb3VudC0x6gFhbiBhbW91bnQgb2YgMTIsMDAwIHdvbiwgYW5kIGFuIGFtb3VudCBvZiAxMiwwMDAgd29uLCBhbmQgYW4gYW1v' +
    'dW50IG9mIDEyLDAwMCB3b24sIGFuZCBhbiBhbW91bnQgb2YgMTIsMDAwIHdvbiwgYW5kIDEEFGV2ZW50X3R5cGUOZGViaXRlZAJu' +
    'AjG4AgAyBBJhY2NvdW50LTLqAWFuIGFtb3VudCBvZiAxMiwwMDAgd29uLCBhbmQgYW4gYW1vdW50IG9mIDEyLDAwMCB3b24sIGFu' +
    'ZCBhbiBhbW91bnQgb2YgMTIsMDAwIHdvbiwgYW5kIGFuIGFtb3VudCBvZiAxMiwwMDAgd29uLCBhbmQgMgQUZXZlbnRfdHlwZQ5k' +
    'ZWJpdGVkAm4CMg==',
  gzip:
    'AAAAAAAAAAAAAACqAAAAAAKoJKBnAAEAAAACAAABohVMO60AAAGiFUw7ugAAAAAAAAPqAAAAAAAAAAAAAx+LCAAAAAAAAP/bwcTA' +
    'wCCUmJycX5pXomvwijExTyExF8RRyE9TMDTSMTAwUCjPz9NRSMxLUaCRpAGLSGpZal5JfEllQSpfSmpSZklqClMek8EOJgYpJrjr' +
    'DAfGdYY4XGcIch0L3HVGA+M6IxyuMwIAWhzYitoBAAA=',
  snappy:
    'AAAAAAAAAAAAAADBAAAAAAL8raaLAAIAAAACAAABohVMQv0AAAGiFUxDJgAAAAAAAAPrAAAAAAAAAAAAA4JTTkFQUFkAAAAAAQAA' +
    'AAEAAAB82gNUuAIAAAASYWNjb3VudC0w6gFhbiBhbQENTCBvZiAxMiwwMDAgd29uLCBhbmQg/h0AWh0AdDAEFGV2ZW50X3R5cGUO' +
    'ZGViaXRlZAJuAjC4AgBQAhWeADH+ngDWngAAMVqeABQxuAIAUgQVngAy/p4A1p4AADJangAAMg==',
  lz4:
    'AAAAAAAAAAAAAAC6AAAAAAItN7nUAAMAAAACAAABohVMSmAAAAGiFUxKtQAAAAAAAAPsAAAAAAAAAAAAAwQiTRhgQIJ6AAAA8Ae4' +
    'AgAAABJhY2NvdW50LTDqAWFuIGFtDQD/BSBvZiAxMiwwMDAgd29uLCBhbmQgHQBE9RAwBBRldmVudF90eXBlDmRlYml0ZWQCbgIw' +
    'ugIAqAECnwAfMZ8AYx8xnwAEdTG6AgCqAQSfAB8ynwBjHzKfAABQZAJuAjIAAAAA',
  zstd:
    'AAAAAAAAAAAAAACnAAAAAAKsod9FAAQAAAACAAABohVMUpkAAAGiFUxSxgAAAAAAAAfTAAAAAAAAAAAAAyi1L/0AWFQDAHLFFB6w' +
    'JwcMgx/D0Ftbz5kQj03uEmEuKZcz/aZGSC0QIgOqWgplKTONUJbQ2hB/4sAIwAvHG76ZwYKCh3rPtDcOEY3mIfy+E1fs9SIPHHwn' +
    'fs4GqspSBwCglgnSBVqB+iYkZsho2QQmpQcBAAA=',
};

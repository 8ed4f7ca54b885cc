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

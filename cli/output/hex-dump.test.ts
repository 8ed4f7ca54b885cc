import { expect, test } from 'vitest';
import { hexDump } from './hex-dump.ts';

test('bytes as hexdump -C shows them', () => {
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), Buffer.from('한 not an event at all')]);
  expect(hexDump(bytes.toString('hex'))).toBe(
    [
      '00000000  00 00 00 00 09 ed 95 9c  20 6e 6f 74 20 61 6e 20  |........ not an |',
      '00000010  65 76 65 6e 74 20 61 74  20 61 6c 6c              |event at all|',
    ].join('\n'),
  );
  expect(hexDump('')).toBe('');
});

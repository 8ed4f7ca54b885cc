import { expect, test } from 'vitest';
import { layoutOf } from './layout.ts';

test('the socket lies beside the data where its path is short enough', () => {
  expect(layoutOf('/srv/labctl/.lab').socketFile).toBe('/srv/labctl/.lab/stack/mysql.sock');
});

test.each([
  { what: 'deep', stateDir: `/srv/${'folder/'.repeat(14)}.lab` },
  { what: 'Korean, three bytes a syllable', stateDir: `/srv/${'폴더'.repeat(15)}` },
])('a $what path gets a short one, always the same and different from other stacks', ({ stateDir }) => {
  const { socketFile } = layoutOf(stateDir);
  expect(Buffer.byteLength(socketFile)).toBeLessThan(107);
  expect(layoutOf(stateDir).socketFile).toBe(socketFile);
  expect(layoutOf(`${stateDir}x`).socketFile).not.toBe(socketFile);
});

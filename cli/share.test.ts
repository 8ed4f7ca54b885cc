import { expect, test } from 'vitest';
import { UserError } from '../infra/errors.ts';
import { parseShare } from './share.ts';

test.each([
  ['5%', 0.05],
  ['0.05', 0.05],
  ['100%', 1],
  ['0', 0],
  ['2.5%', 0.025],
])('%s is %d', (raw, share) => {
  expect(parseShare(raw)).toBeCloseTo(share, 10);
});

test.each(['5 percent', '101%', '1.5', '-1%', '', '%'])('%j is refused', (raw) => {
  expect(() => parseShare(raw)).toThrow(UserError);
});

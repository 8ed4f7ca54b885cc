import { expect, test } from 'vitest';
import { probesById } from './index.ts';

test('each probe is registered under its own id', () => {
  expect(Object.values(probesById).map(({ id }) => id)).toEqual(Object.keys(probesById));
});

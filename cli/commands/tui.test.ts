import { expect, test } from 'vitest';
import { screens } from '../tui/screens/index.ts';
import { screenKeys } from './tui.ts';

test('every screen of the console can be asked for by its key', () => {
  expect(screenKeys).toEqual(screens.map(({ key }) => key));
});

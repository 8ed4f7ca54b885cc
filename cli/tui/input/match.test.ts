import { expect, test } from 'vitest';
import { bestMatches, matchOf } from './match.ts';

test.each([
  ['help', 'help'],
  ['HLP', 'help'],
  ['ㄷㅇㅁ', '도움말'],
  ['도움', '도움말'],
  // `help` typed with the Korean layout on
  ['ㅗ디ㅔ', 'help'],
  ['', 'anything'],
])('%s finds %s', (query, name) => expect(matchOf(query, name)).toBeDefined());

test.each([
  ['zz', 'help'],
  // The letters are all there, and have nothing to do with each other.
  ['ac', 'Go to the previous panel and then to something quite else, which is clear'],
  ['ㅋㅋ', '도움말'],
])('%s does not find %s', (query, name) => expect(matchOf(query, name)).toBeUndefined());

test('the best comes first, and equals keep their order', () => {
  const items = ['previous panel', 'panel', 'prove'];
  expect(bestMatches('p', items, (item) => [item])).toEqual(items);
  expect(bestMatches('panel', items, (item) => [item])).toEqual(['panel', 'previous panel']);
});

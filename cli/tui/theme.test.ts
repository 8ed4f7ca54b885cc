import { expect, test } from 'vitest';
import { inAscii, styleOf } from './theme.ts';
import { widthOfText } from './ui/line.ts';

test('ASCII stands in for every glyph of the frames, cell for cell', () => {
  const drawn = '┏━ ✓ Engines ━ now ━┓│╭─╮╰╯┗┛┃ ▸ › → ↑↓ ● ○ ◌ ✗ · … — ▁▂▃▄▅▆▇█▏▎▍▌▋▊▉ ⣀⡏⠉⠁';
  expect(inAscii(drawn)).toMatch(/^[ -~]+$/);
  expect(inAscii(drawn)).toHaveLength(widthOfText(drawn));
});

test('letters are content: Hangul stays', () => expect(inAscii('엔진 → 정상')).toBe('엔진 > 정상'));

test('without colour nothing is coloured, and weight stays', () => {
  const look = { ascii: false, colour: false };
  expect(styleOf({ text: 'x', tone: 'critical', bold: true }, look)).toEqual({ bold: true });
  expect(styleOf({ text: 'x', tone: 'critical' }, { ...look, colour: true })).toEqual({ color: 'red' });
});

import { Box, Text } from 'ink';
import { memo } from 'react';
import { glyphs, type Look, styleOf } from '../theme.ts';
import { type Line, merged, padTo } from './line.ts';

export interface DrawProps {
  readonly lines: readonly Line[];
  readonly width: number;
  readonly look: Look;
}

/** Lines on the screen: one Text a row, padded to `width`, so that a dialog hides all that lies beneath it. */
export function Draw({ lines, width, look }: DrawProps) {
  return (
    <Box flexDirection="column" width={width} height={lines.length} flexShrink={0}>
      {lines.map((content, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of the screen is its position
        <DrawnLine key={row} content={merged(padTo(content, width))} look={look} />
      ))}
    </Box>
  );
}

/** Most rows of a tick are those of the tick before; comparing them is far cheaper than laying them out. */
const DrawnLine = memo(
  ({ content, look }: { readonly content: Line; readonly look: Look }) => (
    <Text wrap="truncate-end">
      {content.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity
        <Text key={index} {...styleOf(part, look)}>
          {glyphs(part.text, look)}
        </Text>
      ))}
    </Text>
  ),
  (before, after) => before.look === after.look && isSame(before.content, after.content),
);

function isSame(before: Line, after: Line): boolean {
  return (
    before.length === after.length &&
    before.every(({ text, tone, bold, inverse }, index) => {
      const other = after[index];
      return text === other?.text && tone === other.tone && bold === other.bold && inverse === other.inverse;
    })
  );
}

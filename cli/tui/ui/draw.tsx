import { Box, Text } from 'ink';
import { glyphs, type Look, styleOf } from '../theme.ts';
import { fit, type Line } from './line.ts';

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
        <DrawnLine key={row} content={fit(content, width)} look={look} />
      ))}
    </Box>
  );
}

function DrawnLine({ content, look }: { readonly content: Line; readonly look: Look }) {
  return (
    <Text wrap="truncate-end">
      {content.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity
        <Text key={index} {...styleOf(part, look)}>
          {glyphs(part.text, look)}
        </Text>
      ))}
    </Text>
  );
}

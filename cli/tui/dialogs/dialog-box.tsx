import { Box, useCursor } from 'ink';
import { topDialog } from '../store/state.ts';
import { useConsole } from '../store/use-console.ts';
import type { Look } from '../theme.ts';
import { Draw } from '../ui/draw.tsx';
import { frame, frameColumns, frameRows } from '../ui/frame.ts';
import { blank, type Line, line, span, widthOfText } from '../ui/line.ts';
import { typingIn, viewOf } from './dialog.ts';

const widthMax = 100;

/** The dialog on top of the stack, in the middle of the screen. */
export function DialogBox({ look }: { readonly look: Look }) {
  const dialog = useConsole(topDialog);
  const size = useConsole((state) => state.size);
  const language = useConsole((state) => state.language);
  const { setCursorPosition } = useCursor();
  if (dialog === undefined) {
    setCursorPosition(undefined);
    return null;
  }
  const width = Math.min(widthMax, size.columns - (size.columns < 60 ? 0 : 4));
  const view = viewOf(dialog, { language, width: width - frameColumns });
  const lines = dialogLines(view, { width, heightMax: size.rows - 2 });
  const left = Math.floor((size.columns - width) / 2);
  const top = Math.max(0, Math.floor((size.rows - lines.length) / 2));
  // The real cursor, so that an input method composes at the place of typing.
  setCursorPosition(
    typingIn(dialog) && view.field !== undefined
      ? { x: left + 2 + widthOfText(view.field.prompt) + 1 + widthOfText(view.field.text), y: top + 1 }
      : undefined,
  );
  return (
    <Box position="absolute" left={left} top={top} width={width} height={lines.length}>
      <Draw lines={lines} width={width} look={look} />
    </Box>
  );
}

export function dialogLines(
  view: ReturnType<typeof viewOf>,
  { width, heightMax }: { readonly width: number; readonly heightMax: number },
): readonly Line[] {
  const field: readonly Line[] =
    view.field === undefined
      ? []
      : [[span(`${view.field.prompt} `, 'accent', { bold: true }), span(view.field.text)], blank];
  const hint: readonly Line[] = [blank, line(view.hint, 'muted')];
  const room = Math.max(1, heightMax - frameRows - field.length - hint.length);
  const height = Math.min(room, view.lines.length);
  const start = Math.max(0, Math.min(view.at - Math.floor(height / 2), view.lines.length - height));
  const shown = view.lines.slice(start, start + height);
  const lines = [...field, ...shown, ...hint];
  return frame({ title: view.title, lines, width, height: lines.length + frameRows, focused: true });
}

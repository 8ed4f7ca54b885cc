import { printable, say } from '../../../infra/text.ts';
import { quotedWord } from '../command-line.ts';
import { strings } from '../strings.ts';
import { cutText, type Line, line, widthOfText, wrap } from '../ui/line.ts';
import { type DialogKind, moved } from './kind.ts';

/** Where one event is, and where it stops. */
export interface TraceDialog {
  readonly kind: 'trace';
  /** What `labctl trace` takes. */
  readonly what: string;
  readonly answer: readonly string[] | 'asking' | { readonly failed: string };
  readonly at: number;
}

export const traceCommand = (what: string): string => `labctl trace ${quotedWord(what)}`;

export const traceKind: DialogKind<TraceDialog> = {
  typing: () => false,
  press(dialog, press) {
    if (['esc', 'q', 'enter'].includes(press.name)) return { close: true };
    if (press.name === 'ctrl-c') return { close: true, act: 'quit' };
    if (press.name === 'y')
      return { close: true, copy: { what: strings.copyCommand, text: traceCommand(dialog.what) } };
    const last = Array.isArray(dialog.answer) ? dialog.answer.length - 1 : 0;
    const at = moved(dialog.at, press, Math.max(0, last));
    return { dialog: at === undefined ? dialog : { ...dialog, at } };
  },
  view({ what, answer, at }, { language, width }) {
    const wrapped = linesOf(answer, say(strings.traceAsking, language), width);
    return {
      title: cutText(traceCommand(what), width - 4),
      lines: wrapped.flat(),
      hint: say(strings.traceHint, language),
      at: wrapped.slice(0, at).flat().length,
    };
  },
};

/** Each line as the lines that it takes. */
function linesOf(answer: TraceDialog['answer'], asking: string, width: number): readonly (readonly Line[])[] {
  if (answer === 'asking') return [[line(asking, 'muted')]];
  if ('failed' in answer) return [wrap(printable(answer.failed), width).map((row) => line(row, 'unknown'))];
  return answer.map((row) => wrapped(printable(row).replaceAll(/[\t\n]/g, ' '), width));
}

const indentMax = 12;
const hangingIndent = 4;

/** A long line goes on below itself, further in than it began. */
function wrapped(row: string, width: number): readonly Line[] {
  if (widthOfText(row) <= width) return [line(row)];
  const indent = Math.min(indentMax, row.length - row.trimStart().length);
  return wrap(row, width - indent - hangingIndent).map((part, index) =>
    line(' '.repeat(index === 0 ? indent : indent + hangingIndent) + part),
  );
}

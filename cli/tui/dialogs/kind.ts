import type { Language, Text } from '../../../infra/text.ts';
import type { Press } from '../input/presses.ts';
import type { ActionId } from '../keys.ts';
import type { Order } from '../orders.ts';
import type { Line } from '../ui/line.ts';

/** All of one kind of dialog; every function is pure. */
export interface DialogKind<D> {
  /** A text field has the keyboard: presses are text, not shortcuts. */
  typing(dialog: D): boolean;
  press(dialog: D, press: Press, language: Language): DialogStep<D>;
  view(dialog: D, context: DialogContext): DialogView;
}

/** What a press in a dialog leads to. */
export type DialogStep<D> =
  | { readonly dialog: D }
  | {
      readonly close: true;
      readonly act?: ActionId;
      readonly copy?: CopyItem;
      /** Asked for: it is confirmed first. */
      readonly order?: Order;
      /** A diagnosis to ask, or all. */
      readonly ask?: string;
      /** What is broken on purpose is asked for. */
      readonly faults?: true;
      /** Confirmed. */
      readonly run?: Order;
    };

export interface CopyItem {
  readonly what: Text;
  readonly text: string;
}

export interface DialogContext {
  readonly language: Language;
  /** Cells inside the dialog's frame. */
  readonly width: number;
}

export interface DialogView {
  readonly title: string;
  /** Stays above the lines: a text field. */
  readonly field?: { readonly prompt: string; readonly text: string };
  readonly lines: readonly Line[];
  /** Stays at the bottom: the keys that work here. */
  readonly hint: string;
  /** The line that must be in sight; whoever draws clamps it. */
  readonly at: number;
}

/** Moves a position by the scrolling keys; undefined when the press is another key. */
export function moved(position: number, press: Press, last: number): number | undefined {
  const to = moves[press.name]?.(position, last);
  return to === undefined ? undefined : Math.max(0, Math.min(last, to));
}

const page = 8;

const moves: Readonly<Record<string, (position: number, last: number) => number>> = {
  up: (position) => position - 1,
  k: (position) => position - 1,
  down: (position) => position + 1,
  j: (position) => position + 1,
  'page-up': (position) => position - page,
  'page-down': (position) => position + page,
  home: () => 0,
  end: (_, last) => last,
};

/** A text field after a press: letters are added, backspace takes one, ctrl-u takes all. */
export function typed(text: string, press: Press): string | undefined {
  if (press.name === 'backspace' || press.name === 'delete') return [...text].slice(0, -1).join('');
  if (press.name === 'ctrl-u') return '';
  return press.text === undefined ? undefined : text + press.text;
}

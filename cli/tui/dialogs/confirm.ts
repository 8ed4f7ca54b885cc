import { say } from '../../../infra/text.ts';
import { commandOf, type Order } from '../orders.ts';
import { strings } from '../strings.ts';
import { blank, line, wrap } from '../ui/line.ts';
import type { DialogKind } from './kind.ts';

/** Nothing is written without a yes. Enter is not one: it is pressed too easily. */
export interface ConfirmDialog {
  readonly kind: 'confirm';
  readonly order: Order;
  /** The write lease is held already; without it a yes takes it. */
  readonly mayWrite: boolean;
}

export const confirmKind: DialogKind<ConfirmDialog> = {
  typing: () => false,
  press(dialog, press) {
    if (press.name === 'y') return { close: true, run: dialog.order };
    if (['n', 'esc', 'q'].includes(press.name)) return { close: true };
    return press.name === 'ctrl-c' ? { close: true, act: 'quit' } : { dialog };
  },
  view({ order, mayWrite }, { language, width }) {
    const paragraph = (text: string, tone: 'plain' | 'accent' | 'warning') =>
      wrap(text, width).map((row) => line(row, tone));
    return {
      title: say(strings.confirmTitle, language),
      lines: [
        ...paragraph(say(order.about, language), 'plain'),
        blank,
        ...paragraph(commandOf(order), 'accent'),
        ...(mayWrite ? [] : [blank, ...paragraph(say(strings.confirmTakesLease, language), 'warning')]),
      ],
      hint: say(strings.confirmHint, language),
      at: 0,
    };
  },
};

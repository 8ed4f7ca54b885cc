import { say, type Text } from '../../../infra/text.ts';
import { strings } from '../strings.ts';
import { line, span } from '../ui/line.ts';
import { table } from '../ui/table.ts';
import { type CopyItem, type DialogKind, moved } from './kind.ts';

/** What of a panel can be copied, each under a letter of its own. */
export interface CopyDialog {
  readonly kind: 'copy';
  readonly panel: Text;
  readonly choices: readonly CopyChoice[];
  readonly selected: number;
}

export interface CopyChoice extends CopyItem {
  readonly letter: string;
}

export const copyKind: DialogKind<CopyDialog> = {
  typing: () => false,
  press(dialog, press) {
    if (press.name === 'esc' || press.name === 'q') return { close: true };
    if (press.name === 'ctrl-c') return { close: true, act: 'quit' };
    const chosen =
      press.name === 'enter'
        ? dialog.choices[dialog.selected]
        : dialog.choices.find(({ letter }) => letter === press.name);
    if (chosen !== undefined) return { close: true, copy: chosen };
    const selected = moved(dialog.selected, press, dialog.choices.length - 1);
    return { dialog: selected === undefined ? dialog : { ...dialog, selected } };
  },
  view({ panel, choices, selected }, { language, width }) {
    return {
      title: `${say(strings.copyTitle, language)} · ${say(panel, language)}`,
      lines: table(
        choices.map(({ letter, what, text }, index) => [
          [span(index === selected ? '› ' : '  ', 'accent'), span(letter, 'accent', { bold: true })],
          line(say(what, language), 'plain', { bold: index === selected }),
          line(text.replaceAll(/\s+/g, ' '), 'muted'),
        ]),
        { width, columns: [{}, {}, { grow: true, min: 10 }] },
      ),
      hint: say(strings.copyHint, language),
      at: selected,
    };
  },
};

import { type Language, say } from '../../../infra/text.ts';
import { bestMatches } from '../input/match.ts';
import { type KeyBinding, keyTable } from '../keys.ts';
import { faultListLook, type Order, orders } from '../orders.ts';
import type { DiagnosisOutline } from '../store/diagnoses.ts';
import { strings } from '../strings.ts';
import { type Line, line, span } from '../ui/line.ts';
import { table } from '../ui/table.ts';
import { type DialogKind, typed } from './kind.ts';

export interface PaletteDialog {
  readonly kind: 'palette';
  readonly query: string;
  readonly selected: number;
  /** What can be asked. */
  readonly diagnoses: readonly Pick<DiagnosisOutline, 'id' | 'question'>[];
}

export const paletteDialog: PaletteDialog = { kind: 'palette', query: '', selected: 0, diagnoses: [] };

export const paletteKind: DialogKind<PaletteDialog> = {
  typing: () => true,
  press(dialog, press) {
    const found = commands(dialog);
    const last = Math.max(0, found.length - 1);
    switch (press.name) {
      case 'esc':
        return dialog.query === '' ? { close: true } : { dialog: { ...dialog, query: '', selected: 0 } };
      case 'ctrl-c':
        return { close: true };
      case 'enter': {
        const chosen = found[dialog.selected];
        if (chosen === undefined) return { dialog };
        if ('ask' in chosen) return { close: true, ask: chosen.ask };
        if (chosen === faultListLook) return { close: true, faults: true };
        return 'words' in chosen ? { close: true, order: chosen } : { close: true, act: chosen.id };
      }
      case 'up':
        return { dialog: { ...dialog, selected: Math.max(0, dialog.selected - 1) } };
      case 'down':
      case 'tab':
        return { dialog: { ...dialog, selected: Math.min(last, dialog.selected + 1) } };
    }
    const query = typed(dialog.query, press);
    return { dialog: query === undefined ? dialog : { ...dialog, query, selected: 0 } };
  },
  view(dialog, { language, width }) {
    return {
      title: say(strings.paletteTitle, language),
      field: { prompt: ':', text: dialog.query },
      lines: commandLines(dialog, language, width),
      hint: say(strings.paletteHint, language),
      at: dialog.selected,
    };
  },
};

/** The palette itself and the way back are no commands. */
const commandTable = keyTable.filter(({ id }) => id !== 'palette' && id !== 'back');

/** A question to the target: only looks, so no yes is asked for. */
interface Question extends Order {
  /** The diagnosis, or all. */
  readonly ask: string;
}

type Command = KeyBinding | Question | Order;

const keyCommands: readonly Command[] = [...commandTable, faultListLook];

const commands = ({ query, diagnoses }: PaletteDialog): readonly Command[] =>
  bestMatches(query, [...keyCommands, ...questions(diagnoses), ...orders], (one) =>
    'words' in one ? [one.words.join(' '), one.about.ko] : [one.title.ko, one.title.en, one.id],
  );

function questions(diagnoses: PaletteDialog['diagnoses']): readonly Question[] {
  if (diagnoses.length === 0) return [];
  return [
    ...diagnoses.map(({ id, question }) => ({ words: ['diagnose', id], about: question, ask: id })),
    { words: ['diagnose', 'all'], about: strings.askAll, ask: 'all' },
  ];
}

function commandLines(dialog: PaletteDialog, language: Language, width: number): readonly Line[] {
  const { selected } = dialog;
  const found = commands(dialog);
  if (found.length === 0) return [line(say(strings.nothingFound, language), 'muted')];
  const rows = found.map((one, index) => {
    const name = 'words' in one ? one.words.join(' ') : say(one.title, language);
    return [
      [span(index === selected ? '› ' : '  ', 'accent'), span(name, 'plain', { bold: index === selected })],
      line(say(one.about, language), 'muted'),
      line('words' in one ? '' : one.key, 'muted'),
    ];
  });
  return table(rows, {
    width,
    columns: [{ grow: true, min: 20 }, { grow: true, min: 20, drop: 1 }, { align: 'right' }],
  });
}

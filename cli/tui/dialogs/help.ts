import { type Language, say } from '../../../infra/text.ts';
import { bestMatches } from '../input/match.ts';
import type { Press } from '../input/presses.ts';
import { groupTitles, type KeyBinding, type KeyGroup, keyTable } from '../keys.ts';
import { strings } from '../strings.ts';
import { blank, type Line, line, span } from '../ui/line.ts';
import { table } from '../ui/table.ts';
import { type DialogKind, type DialogStep, moved, typed } from './kind.ts';

export interface HelpDialog {
  readonly kind: 'help';
  /** Undefined until `/` opens the search. */
  readonly query?: string;
  readonly typing: boolean;
  readonly at: number;
}

export const helpDialog: HelpDialog = { kind: 'help', typing: false, at: 0 };

export const helpKind: DialogKind<HelpDialog> = {
  typing: (dialog) => dialog.typing,
  press: (dialog, press, language) => (dialog.typing ? search(dialog, press) : look(dialog, press, language)),
  view: (dialog, { language, width }) => ({
    title: say(strings.helpTitle, language),
    ...(dialog.query === undefined ? {} : { field: { prompt: '/', text: dialog.query } }),
    lines: helpLines(dialog.query ?? '', language, width - 2).map((content, index) => [
      span(index === dialog.at ? '› ' : '  ', 'accent'),
      ...content,
    ]),
    hint: say(dialog.typing ? strings.helpSearchHint : strings.helpHint, language),
    at: dialog.at,
  }),
};

function search(dialog: HelpDialog, press: Press): DialogStep<HelpDialog> {
  if (press.name === 'esc') return { dialog: helpDialog };
  if (press.name === 'enter') return { dialog: { ...dialog, typing: false } };
  const query = typed(dialog.query ?? '', press);
  return { dialog: query === undefined ? dialog : { ...dialog, query, at: 0 } };
}

function look(dialog: HelpDialog, press: Press, language: Language): DialogStep<HelpDialog> {
  if (press.name === '/') return { dialog: { ...dialog, query: dialog.query ?? '', typing: true } };
  if (press.name === 'esc' && dialog.query !== undefined) return { dialog: helpDialog };
  if (['esc', '?', 'q'].includes(press.name)) return { close: true };
  if (press.name === 'ctrl-c') return { close: true, act: 'quit' };
  const at = moved(dialog.at, press, helpLines(dialog.query ?? '', language, 80).length - 1);
  return { dialog: at === undefined ? dialog : { ...dialog, at } };
}

function helpLines(query: string, language: Language, width: number): readonly Line[] {
  const found = bestMatches(query, keyTable, ({ key, title, about }) => [key, title.ko, title.en, about[language]]);
  if (found.length === 0) return [line(say(strings.nothingFound, language), 'muted')];
  if (query !== '') return bindingLines(found, language, width);
  const groups = Object.keys(groupTitles) as KeyGroup[];
  return groups.flatMap((group, index) => [
    ...(index === 0 ? [] : [blank]),
    line(say(groupTitles[group], language), 'accent', { bold: true }),
    ...bindingLines(
      keyTable.filter((binding) => binding.group === group),
      language,
      width,
    ),
  ]);
}

function bindingLines(bindings: readonly KeyBinding[], language: Language, width: number): readonly Line[] {
  return table(
    bindings.map(({ key, about }) => [[span(key.padEnd(9), 'plain', { bold: true })], line(say(about, language))]),
    { width, columns: [{}, { grow: true, min: 20 }] },
  );
}

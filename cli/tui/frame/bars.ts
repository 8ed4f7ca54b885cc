import { type Language, say } from '../../../infra/text.ts';
import { type KeyBinding, keyTable } from '../keys.ts';
import { marks } from '../panels/panel.ts';
import type { Screen } from '../screens/screen.ts';
import type { ConsoleState } from '../store/state.ts';
import { cut, type Line, line, span, widthOf } from '../ui/line.ts';

/** The screens, the open one in brackets. */
export function screensBar(
  screens: readonly Pick<Screen, 'id' | 'key' | 'title'>[],
  { language, screenId, size }: Pick<ConsoleState, 'language' | 'screenId' | 'size'>,
): Line {
  const tabs = screens.flatMap(({ id, key, title }): Line => {
    const name = `${key} ${say(title, language)}`;
    return id === screenId
      ? [span(' '), span(`[${name}]`, 'accent', { bold: true })]
      : [span(' '), span(` ${name} `, 'muted')];
  });
  return cut(tabs, size.columns);
}

/** The keys worth knowing, from the key table; the least needed go first when there is too little room. */
export function footer(language: Language, width: number, screenId = ''): Line {
  const inFooter = keyTable.filter(
    ({ footer: rank, screen }) => rank !== undefined && (screen === undefined || screen === screenId),
  );
  const ranks = [...new Set(inFooter.map(({ footer: rank }) => rank ?? 0))].sort((a, b) => b - a);
  for (const rank of ranks) {
    const keys = keysLine(inFooter.filter((binding) => (binding.footer ?? 0) <= rank).sort(byPlace), language);
    if (widthOf(keys) <= width) return keys;
  }
  return line(' ? : q', 'muted');
}

/** By rank, but the way out always last. */
const byPlace = (a: KeyBinding, b: KeyBinding): number =>
  Number(a.id === 'quit') - Number(b.id === 'quit') || (a.footer ?? 0) - (b.footer ?? 0);

const keysLine = (bindings: readonly KeyBinding[], language: Language): Line =>
  bindings.flatMap(({ key, title }, index) => [
    span(index === 0 ? ' ' : '  '),
    span(key, 'accent', { bold: true }),
    span(` ${say(title, language)}`, 'muted'),
  ]);

/** The line above the keys: what just happened, else what the focused panel is called on the command line. */
export function messageLine(
  { toast, language, size }: Pick<ConsoleState, 'toast' | 'language' | 'size'>,
  hint: string,
): Line {
  if (toast === undefined) return cut([span(` ${hint}`, 'muted')], size.columns);
  const tone = toast.tone === 'critical' ? 'critical' : 'ok';
  return cut([span(` ${marks[tone]} `, tone, { bold: true }), span(say(toast.text, language))], size.columns);
}

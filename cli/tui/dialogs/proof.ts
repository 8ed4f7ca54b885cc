import type { NativeCommand } from '../../../infra/probes/probe.ts';
import { say, type Text } from '../../../infra/text.ts';
import { strings } from '../strings.ts';
import { blank, type Line, line, span, wrap } from '../ui/line.ts';
import { type DialogKind, moved } from './kind.ts';

/** How to get a panel's numbers from the engine's own tools. */
export interface ProofDialog {
  readonly kind: 'proof';
  readonly panel: Text;
  readonly probeId: string;
  /** When the reading on the screen was taken, as a clock time; absent when nothing was read yet. */
  readonly takenAt?: string;
  readonly commands: readonly NativeCommand[] | 'asking' | { readonly failed: string };
  readonly selected: number;
}

export const proofKind: DialogKind<ProofDialog> = {
  typing: () => false,
  press(dialog, press) {
    if (['esc', 'q', 'p'].includes(press.name)) return { close: true };
    if (press.name === 'ctrl-c') return { close: true, act: 'quit' };
    const commands = Array.isArray(dialog.commands) ? dialog.commands : [];
    const chosen = commands[dialog.selected];
    if (chosen !== undefined && (press.name === 'y' || press.name === 'enter'))
      return { close: true, copy: { what: strings.copiedCommand, text: chosen.command } };
    const selected = moved(dialog.selected, press, Math.max(0, commands.length - 1));
    return { dialog: selected === undefined ? dialog : { ...dialog, selected } };
  },
  view(dialog, { language, width }) {
    const source =
      dialog.takenAt === undefined
        ? say(strings.proofNothingRead, language)
        : say(strings.proofTaken(dialog.probeId, dialog.takenAt), language);
    const head = [...wrap(source, width).map((text) => line(text, 'muted')), blank];
    const body = bodyOf(dialog, width, (text) => say(text, language));
    return {
      title: `${say(strings.proofTitle, language)} · ${say(dialog.panel, language)}`,
      lines: [...head, ...body.lines],
      hint: say(strings.proofHint, language),
      at: dialog.selected === 0 ? 0 : head.length + body.selectedAt,
    };
  },
};

function bodyOf({ commands, selected }: ProofDialog, width: number, words: (text: Text) => string) {
  if (commands === 'asking') return { lines: [line(words(strings.proofAsking), 'muted')], selectedAt: 0 };
  if ('failed' in commands)
    return { lines: wrap(commands.failed, width).map((text) => line(text, 'unknown')), selectedAt: 0 };
  const blocks = commands.map(({ command, shows }, index) => [
    ...(index === 0 ? [] : [blank]),
    ...wrap(words(shows), width - 2).map((text): Line => [span('  '), span(text, 'muted')]),
    ...commandLines(command, index === selected, width),
  ]);
  const upToSelected = blocks.slice(0, selected + 1).flat().length;
  return { lines: blocks.flat(), selectedAt: Math.max(0, upToSelected - 1) };
}

const commandLines = (command: string, isSelected: boolean, width: number): readonly Line[] =>
  wrap(command, width - 2).map((text, row) => [
    span(isSelected && row === 0 ? '› ' : '  ', 'accent'),
    span(text, isSelected ? 'accent' : 'plain', { bold: isSelected }),
  ]);

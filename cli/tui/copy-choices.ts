import type { CopyChoice } from './dialogs/copy.ts';
import { traceCommand } from './dialogs/trace.ts';
import { viewIn } from './panels/framed.ts';
import { commandFor, type Panel } from './panels/panel.ts';
import { eventAt } from './screens/cursor.ts';
import { drawingOf } from './screens/enlarged.ts';
import { type ConsoleState, shownFrame } from './store/state.ts';
import { strings } from './strings.ts';
import { textOf } from './ui/line.ts';

const copiedColumns = 100;
const copiedRows = 200;

/** What can be copied of a panel: what it shows, its reading as JSON, the commands that give the same and trace its row. */
export function copyChoices(panel: Panel, state: ConsoleState): readonly CopyChoice[] {
  const command: CopyChoice = { letter: 'c', what: strings.copyCommand, text: commandFor(panel.probeId) };
  const reading = shownFrame(state).readings.get(panel.probeId);
  if (reading === undefined) return [command];
  const { lines } = viewIn(panel, drawingOf(state, panel.id), { width: copiedColumns, height: copiedRows });
  return [
    { letter: 'v', what: strings.copyValue, text: lines.map((content) => textOf(content).trimEnd()).join('\n') },
    { letter: 'j', what: strings.copyJson, text: JSON.stringify(reading, bigintAsText, 2) },
    command,
    ...traceChoice(eventAt(panel, state)),
  ];
}

const traceChoice = (event: string | undefined): readonly CopyChoice[] =>
  event === undefined ? [] : [{ letter: 't', what: strings.copyTrace, text: traceCommand(event) }];

/** Money and offsets go beyond what a JSON number can carry. */
const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

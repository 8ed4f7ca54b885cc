import type { Panel } from '../panels/panel.ts';
import { type ConsoleState, shownFrame } from '../store/state.ts';
import type { OwnPanes, Screen } from './screen.ts';

/** What the state needs to know of the screens. */
export type ScreenOutline = Pick<Screen, 'id' | 'panels' | 'own'>;

/** Where Tab goes, in this order. */
export const tabOrder = (screen: ScreenOutline, state: ConsoleState): readonly string[] => [
  ...(screen.own?.ids ?? []),
  ...screen.panels(state).map(({ id }) => id),
];

/** The pane or panel that has the focus: the one chosen; until one is, the first panel in trouble, or else the first. */
export function focusedId(screen: ScreenOutline, state: ConsoleState): string {
  const ids = tabOrder(screen, state);
  const chosen = state.focus[screen.id];
  if (chosen !== undefined && ids.includes(chosen)) return chosen;
  return (screen.own === undefined ? firstInTrouble(screen, state) : undefined) ?? ids[0] ?? '';
}

function firstInTrouble({ panels }: ScreenOutline, state: ConsoleState): string | undefined {
  const troubled = new Set(shownFrame(state).findings.map(({ probeId }) => probeId));
  return panels(state).find(({ probeId }) => troubled.has(probeId))?.id;
}

/** Undefined while one of the screen's own panes has it. */
export const focusedPanel = (screen: ScreenOutline, state: ConsoleState): Panel | undefined =>
  screen.panels(state).find(({ id }) => id === focusedId(screen, state));

/** The screen's own panes, while one of them has the focus. */
export const ownPanesIn = (screen: ScreenOutline, state: ConsoleState): OwnPanes | undefined =>
  screen.own?.ids.includes(focusedId(screen, state)) === true ? screen.own : undefined;

import type { Panel } from '../panels/panel.ts';
import type { ConsoleState } from '../store/state.ts';
import type { OwnPanes, Screen } from './screen.ts';

/** What the state needs to know of the screens. */
export type ScreenOutline = Pick<Screen, 'id' | 'panels' | 'own'>;

/** Where Tab goes, in this order. */
export const tabOrder = (screen: ScreenOutline, state: ConsoleState): readonly string[] => [
  ...(screen.own?.ids ?? []),
  ...screen.panels(state).map(({ id }) => id),
];

/** The pane or panel that has the focus: the one chosen, or the first. */
export function focusedId(screen: ScreenOutline, state: ConsoleState): string {
  const ids = tabOrder(screen, state);
  const chosen = state.focus[screen.id];
  return chosen !== undefined && ids.includes(chosen) ? chosen : (ids[0] ?? '');
}

/** Undefined while one of the screen's own panes has it. */
export const focusedPanel = (screen: ScreenOutline, state: ConsoleState): Panel | undefined =>
  screen.panels(state).find(({ id }) => id === focusedId(screen, state));

/** The screen's own panes, while one of them has the focus. */
export const ownPanesIn = (screen: ScreenOutline, state: ConsoleState): OwnPanes | undefined =>
  screen.own?.ids.includes(focusedId(screen, state)) === true ? screen.own : undefined;

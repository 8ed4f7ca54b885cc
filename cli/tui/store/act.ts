import type { Dialog } from '../dialogs/dialog.ts';
import { helpDialog } from '../dialogs/help.ts';
import { paletteDialog } from '../dialogs/palette.ts';
import type { ActionId } from '../keys.ts';
import { consoleRows, focusedPanel, scrollMax } from '../screens/enlarged.ts';
import { focusedPanelId } from '../screens/focus.ts';
import type { Screen } from '../screens/screen.ts';
import type { ConsoleState } from './state.ts';

/** What the state needs to know of the screens. */
export type ScreenOutline = Pick<Screen, 'id' | 'panels'>;

/** Pure: the state after an action of the key table. Actions with effects outside the state are the controller's. */
export function act(state: ConsoleState, id: ActionId, screens: readonly ScreenOutline[]): ConsoleState {
  if (screens.some((screen) => screen.id === id)) return openScreen(state, id);
  const screen = screens.find((candidate) => candidate.id === state.screenId);
  switch (id) {
    case 'help':
      return withDialog(state, helpDialog);
    case 'palette':
      return withDialog(state, paletteDialog);
    case 'next-panel':
      return screen === undefined ? state : focusMoved(state, screen, 1);
    case 'previous-panel':
      return screen === undefined ? state : focusMoved(state, screen, -1);
    case 'enlarge':
      return { ...state, enlarged: !state.enlarged, scroll: 0 };
    case 'freeze':
      return frozenOrNot(state);
    case 'language':
      return { ...state, language: state.language === 'ko' ? 'en' : 'ko' };
    case 'dismiss':
      return withoutToast(state);
    case 'back':
      return back(state);
    default:
      return screen === undefined ? state : scrolled(state, screen, id);
  }
}

export const withDialog = (state: ConsoleState, dialog: Dialog): ConsoleState => ({
  ...state,
  dialogs: [...state.dialogs, dialog],
});

function openScreen(state: ConsoleState, screenId: string): ConsoleState {
  return { ...state, screenId, startUpShown: false, enlarged: false, scroll: 0 };
}

function focusMoved(state: ConsoleState, { id, panels }: ScreenOutline, by: 1 | -1): ConsoleState {
  const at = panels.findIndex((panel) => panel.id === focusedPanelId(state.focus[id], panels));
  const next = panels[(at + by + panels.length) % panels.length];
  return next === undefined ? state : { ...state, focus: { ...state.focus, [id]: next.id }, scroll: 0 };
}

function frozenOrNot(state: ConsoleState): ConsoleState {
  const { frozen, ...rest } = state;
  return frozen === undefined ? { ...rest, frozen: { sinceMs: state.nowMs, frame: state.frame } } : rest;
}

export function withoutToast(state: ConsoleState): ConsoleState {
  const { toast: _, ...rest } = state;
  return rest;
}

/** One level: message, enlarged panel, frozen view. There is nothing behind a screen: esc never quits. */
function back(state: ConsoleState): ConsoleState {
  if (state.toast !== undefined) return withoutToast(state);
  if (state.enlarged) return { ...state, enlarged: false, scroll: 0 };
  return state.frozen === undefined ? state : frozenOrNot(state);
}

function scrolled(state: ConsoleState, screen: ScreenOutline, id: ActionId): ConsoleState {
  const to = scrolls[id]?.(state);
  const panel = focusedPanel(screen, state.focus);
  if (to === undefined || panel === undefined) return state;
  const scroll = Math.max(0, Math.min(to, scrollMax(panel, state)));
  return scroll === state.scroll ? state : { ...state, scroll };
}

const halfPage = ({ size }: ConsoleState): number => Math.max(1, Math.floor((size.rows - consoleRows) / 2));

const scrolls: Partial<Record<ActionId, (state: ConsoleState) => number>> = {
  up: ({ scroll }) => scroll - 1,
  down: ({ scroll }) => scroll + 1,
  'page-up': (state) => state.scroll - halfPage(state),
  'page-down': (state) => state.scroll + halfPage(state),
  top: () => 0,
  bottom: () => Number.MAX_SAFE_INTEGER,
};

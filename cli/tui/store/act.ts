import type { Dialog } from '../dialogs/dialog.ts';
import { helpDialog } from '../dialogs/help.ts';
import { paletteDialog } from '../dialogs/palette.ts';
import type { ActionId } from '../keys.ts';
import { cursorAlong, cursorMoved } from '../screens/cursor.ts';
import { consoleRows, scrollMax } from '../screens/enlarged.ts';
import { focusedId, focusedPanel, ownPanesIn, type ScreenOutline, tabOrder } from '../screens/focus.ts';
import type { ConsoleState } from './state.ts';

/** Pure: the state after an action of the key table. Actions with effects outside the state are the controller's. */
export function act(state: ConsoleState, id: ActionId, screens: readonly ScreenOutline[]): ConsoleState {
  if (screens.some((screen) => screen.id === id)) return openScreen(state, id);
  const screen = screenIn(screens, state);
  const own = screen === undefined ? undefined : ownPanesIn(screen, state)?.act(state, id);
  if (own !== undefined) return own;
  switch (id) {
    case 'help':
      return withDialog(state, helpDialog);
    case 'palette':
      return withDialog(state, { ...paletteDialog, diagnoses: state.diagnoses.list });
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

export const screenIn = (screens: readonly ScreenOutline[], { screenId }: ConsoleState): ScreenOutline | undefined =>
  screens.find(({ id }) => id === screenId);

export function openScreen(state: ConsoleState, screenId: string): ConsoleState {
  return { ...state, screenId, startUpShown: false, enlarged: false, scroll: 0 };
}

function focusMoved(state: ConsoleState, screen: ScreenOutline, by: 1 | -1): ConsoleState {
  const ids = tabOrder(screen, state);
  const next = ids[(ids.indexOf(focusedId(screen, state)) + by + ids.length) % ids.length];
  return next === undefined ? state : { ...state, focus: { ...state.focus, [screen.id]: next }, scroll: 0 };
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
  const panel = focusedPanel(screen, state);
  if (to === undefined || panel === undefined) return state;
  const row = id === 'up' || id === 'down' ? cursorMoved(state, panel, id === 'up' ? -1 : 1) : undefined;
  if (row !== undefined) return row;
  const scroll = Math.max(0, Math.min(to, scrollMax(panel, state)));
  return cursorAlong({ ...state, scroll }, panel, id === 'top' || id === 'bottom' ? id : 'sight');
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

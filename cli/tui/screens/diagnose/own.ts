import { say } from '../../../../infra/text.ts';
import { traceCommand } from '../../dialogs/trace.ts';
import type { ActionId } from '../../keys.ts';
import { chosenOf, listed, withChosen } from '../../store/diagnoses.ts';
import type { ConsoleState } from '../../store/state.ts';
import type { Opening, OwnPanes } from '../screen.ts';
import { copiesOf } from './copies.ts';
import { diagnoseCommand } from './narrowed.ts';
import { currentStop, stopIn } from './stops.ts';
import { words } from './words.ts';

export const diagnoseId = 'diagnose';

/** The list of the diagnoses, and the answer of the chosen one. */
export const ownPanes: OwnPanes = {
  ids: ['list', 'answer'],
  act(state, id) {
    const move = moves[id];
    if (move === undefined) return undefined;
    return paneOf(state) === 'list' ? choiceMoved(state, move) : stopMoved(state, move);
  },
  open: (state) => (paneOf(state) === 'list' ? openInList(state) : openInAnswer(state)),
  copies: (state) => copiesOf(state, paneOf(state)),
  about(state) {
    const chosen = chosenOf(state.diagnoses);
    if (chosen === undefined) return { crumb: say(words.list, state.language), hint: '' };
    const title = say(chosen.title, state.language);
    const stop = paneOf(state) === 'answer' ? currentStop(state.diagnoses) : undefined;
    const finding = stop?.kind === 'finding' ? stop.finding : undefined;
    const trace = finding?.trace === undefined ? '' : ` · Enter: ${traceCommand(finding.trace)}`;
    return { crumb: title, hint: `${title} · ${diagnoseCommand(chosen, finding)}${trace}` };
  },
};

export const paneOf = ({ focus }: ConsoleState): 'list' | 'answer' =>
  focus[diagnoseId] === 'answer' ? 'answer' : 'list';

const page = 8;

/** Where a movement leads from a row, of rows 0 to `last`. */
const moves: Partial<Record<ActionId, (at: number, last: number) => number>> = {
  up: (at) => at - 1,
  down: (at) => at + 1,
  'page-up': (at) => at - page,
  'page-down': (at) => at + page,
  top: () => 0,
  bottom: (_, last) => last,
};

type Move = NonNullable<(typeof moves)[ActionId]>;

const within = (at: number, last: number): number => Math.max(0, Math.min(last, at));

function choiceMoved(state: ConsoleState, move: Move): ConsoleState {
  const ids = listed(state.diagnoses).map(({ id }) => id);
  const at = ids.indexOf(chosenOf(state.diagnoses)?.id ?? '');
  const next = ids[within(move(at, ids.length - 1), ids.length - 1)];
  return next === undefined || next === state.diagnoses.chosenId ? state : withChosen(state, next);
}

function stopMoved(state: ConsoleState, move: Move): ConsoleState {
  const { diagnoses } = state;
  const chosen = chosenOf(diagnoses);
  const { stops, at } = stopIn(diagnoses);
  const next = stops[within(move(at, stops.length - 1), stops.length - 1)];
  if (chosen === undefined || next === undefined) return state;
  return { ...state, diagnoses: { ...diagnoses, stops: { ...diagnoses.stops, [chosen.id]: next.key } } };
}

function openInList({ diagnoses }: ConsoleState): Opening {
  const chosen = chosenOf(diagnoses);
  return chosen === undefined ? 'enlarge' : { ask: chosen.id };
}

function openInAnswer({ diagnoses }: ConsoleState): Opening {
  const stop = currentStop(diagnoses);
  if (stop === undefined) return { say: words.nothingToOpen };
  if (stop.kind === 'next') return 'copy';
  return stop.finding.trace === undefined ? { say: words.noEvent } : { trace: stop.finding.trace };
}

import { expect, test } from 'vitest';
import { waitFor } from '../../infra/clock.ts';
import type { Diagnosed } from '../../infra/diagnoses/run.ts';
import { virtualClock } from '../../infra/testing/virtual-clock.ts';
import { type Ask, askingQuestions } from './asking.ts';
import { createConsoleStore } from './store/console-store.ts';
import { initialState } from './store/state.ts';
import { plantedAnswer, plantedDiagnoses } from './testing/planted-diagnoses.ts';
import { plantedAtMs, storeAfter } from './testing/ticks.ts';

interface Given {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly onProgress: Parameters<Ask>[1]['onProgress'];
  readonly answer: PromiseWithResolvers<Diagnosed>;
}

/** Questions that the test answers itself. */
function prepared() {
  const store = createConsoleStore(
    initialState({
      language: 'en',
      profile: 'lab',
      size: { columns: 80, rows: 24 },
      screenId: 'diagnose',
      isStarting: false,
      diagnoses: plantedDiagnoses,
      frame: storeAfter([]).getSnapshot(),
      nowMs: plantedAtMs,
    }),
  );
  const given: Given[] = [];
  const clock = virtualClock(plantedAtMs);
  const questions = askingQuestions({
    store,
    clock,
    ask: (id, { signal, onProgress }) => {
      const answer = Promise.withResolvers<Diagnosed>();
      given.push({ id, signal, onProgress, answer });
      return answer.promise;
    },
  });
  const asked = (id: string) => store.get().diagnoses.asked[id];
  return { questions, given, asked, clock, store };
}

const ids = (given: readonly Given[]) => given.map(({ id }) => id);

test('two at a time, the others in their order; none twice', async () => {
  const { questions, given, asked } = prepared();
  questions.ask(['loss', 'lag', 'dlq', 'redis']);
  questions.ask(['lag', 'redis']);
  expect(ids(given)).toEqual(['loss', 'lag']);
  expect(asked('dlq')?.asking?.phase).toBe('waiting');
  given[1]?.answer.resolve(plantedAnswer('lag'));
  await waitFor('the third question', () => given.length === 3, { timeoutMs: 5_000 });
  expect(ids(given)).toEqual(['loss', 'lag', 'dlq']);
  expect(asked('lag')).toEqual({ answer: plantedAnswer('lag') });
  expect(asked('loss')?.asking?.phase).toBe('running');
});

test('what is called off is told so, keeps its old answer, and may be asked again at once', async () => {
  const { questions, given, asked } = prepared();
  questions.ask(['loss']);
  given[0]?.answer.resolve(plantedAnswer('loss'));
  await waitFor('the answer', () => asked('loss')?.answer !== undefined, { timeoutMs: 5_000 });
  questions.ask(['loss', 'lag', 'dlq']);
  expect(questions.callOff('loss')).toBe(true);
  expect(questions.callOff('dlq')).toBe(true);
  expect(questions.callOff('dlq')).toBe(false);
  expect(given[1]?.signal.aborted).toBe(true);
  expect(asked('loss')).toEqual({ answer: plantedAnswer('loss') });
  // It comes too late to count.
  given[1]?.answer.resolve(plantedAnswer('loss', { counts: { late: 1 } }));
  questions.ask(['loss']);
  await waitFor('the second time', () => ids(given).filter((id) => id === 'loss').length === 3, { timeoutMs: 5_000 });
  expect(asked('loss')).toMatchObject({ answer: { counts: { checked: 10_204 } }, asking: { phase: 'running' } });
});

test('why none came is kept beside the last answer', async () => {
  const { questions, given, asked } = prepared();
  questions.ask(['loss']);
  given[0]?.answer.reject(new Error('no stack runs here'));
  await waitFor('the failure', () => asked('loss')?.failure !== undefined, { timeoutMs: 5_000 });
  expect(asked('loss')).toEqual({ failure: { reason: 'no stack runs here', atMs: plantedAtMs } });
});

test('a thousand words of progress are a few changes of the state', async () => {
  const { questions, given, clock, store } = prepared();
  questions.ask(['loss']);
  let changes = 0;
  store.subscribe(() => {
    changes += 1;
  });
  for (let done = 1; done <= 1_000; done++) {
    given[0]?.onProgress({ what: { ko: '행', en: 'rows' }, done, of: 1_000 });
    await clock.sleep(1);
  }
  expect(changes).toBe(4);
});

test('with the console everything that is asked ends', () => {
  const { questions, given } = prepared();
  questions.ask(['loss', 'lag', 'dlq']);
  questions.stop();
  expect(given.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

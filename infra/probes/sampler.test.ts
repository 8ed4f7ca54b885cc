import { expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock, waitFor } from '../clock.ts';
import { Pace } from '../kafka/pace.ts';
import type { Target } from '../target.ts';
import { probes } from './index.ts';
import type { Probe, ReadContext } from './probe.ts';
import { UnknownValue } from './reading.ts';
import { readOnce, readWhole, sampleRounds, startSampler } from './sampler.ts';
import { createProbeStore, type Tick } from './store.ts';

const target = { kafka: { pace: new Pace() } } as unknown as Target;

function probeOf<T>(
  id: Probe<T>['id'],
  read: (context: ReadContext<T>) => Promise<T>,
  over: Partial<Probe<T>> = {},
): Probe<T> {
  return {
    id,
    title: { ko: id, en: id },
    cost: 'tick',
    timeoutMs: 30,
    read: (_, context) => read(context),
    judge: () => [],
    rows: () => [],
    verifyWith: () => [],
    ...over,
  };
}

const never = new Promise<never>(() => {});
const within = { timeoutMs: 5_000, intervalMs: 5 };

function started(probes: readonly Probe<unknown>[], tickMs = 20) {
  const store = createProbeStore();
  const sampler = startSampler({ target, probes, sink: store, tickMs });
  onTestFinished(() => sampler.stop());
  return { store, sampler };
}

test('a failure is an unknown reading with its reason, and the loop goes on', async () => {
  let reads = 0;
  const failing = probeOf('test.failing', async () => {
    reads += 1;
    throw new Error(`broken \u001b[31m${reads}`);
  });
  const { store } = started([failing]);
  await waitFor('five readings', () => reads >= 5, within);
  const reading = store.getSnapshot().readings.get('test.failing');
  expect(reading).toMatchObject({ status: 'unknown', reason: expect.stringMatching(/^broken \d+$/) });
});

test('since and last survive from one unknown reading to the next', async () => {
  let nowMs = 1_000;
  const clock = { ...systemClock, now: () => nowMs };
  const values = [
    Promise.resolve(7),
    Promise.reject(new UnknownValue('not mapped')),
    Promise.reject(new Error('down')),
  ];
  values.forEach((value) => void value.catch(() => {}));
  const probe = probeOf('test.value', async () => (await values.shift()) ?? 0);
  const first = await readOnce({ probe, target, before: undefined, clock });
  nowMs = 2_000;
  const second = await readOnce({ probe, target, before: first, clock });
  nowMs = 3_000;
  const third = await readOnce({ probe, target, before: second, clock });
  const last = { value: 7, takenAtMs: 1_000 };
  expect(first).toEqual({ status: 'ok', value: 7, takenAtMs: 1_000 });
  expect(second).toEqual({ status: 'unknown', reason: 'not mapped', sinceMs: 2_000, last });
  expect(third).toEqual({ status: 'unknown', reason: 'down', sinceMs: 2_000, last });
});

test('a probe that hangs is unknown after its timeout, hears so, and delays no other', async () => {
  let aborted = false;
  const hanging = probeOf('test.hanging', ({ signal }) => {
    signal.addEventListener('abort', () => {
      aborted = true;
    });
    return never;
  });
  let quick = 0;
  const { store } = started([hanging, probeOf('test.quick', async () => ++quick)]);
  const reading = await waitFor('the hanging one', () => store.getSnapshot().readings.get('test.hanging'), within);
  expect(reading).toMatchObject({ status: 'unknown', reason: 'no answer within 30 ms' });
  expect(aborted).toBe(true);
  await waitFor('the quick one to go on', () => quick >= 5, within);
});

/** A clock whose ticks come when the test says so. */
function manualTicks() {
  let action: (() => void | Promise<void>) | undefined;
  const clock: Clock = {
    ...systemClock,
    every(_, onTick) {
      action = onTick;
      return () => {
        action = undefined;
      };
    },
  };
  return { clock, tick: async () => action?.(), ticking: () => action !== undefined };
}

test('a probe slower than a tick is not asked again before it has answered', async () => {
  const { clock, tick } = manualTicks();
  const answers: (() => void)[] = [];
  const slow = probeOf('test.slow', () => new Promise<void>((resolve) => answers.push(resolve)), { timeoutMs: 10_000 });
  const store = createProbeStore();
  startSampler({ target, probes: [slow], sink: store, tickMs: 5, clock });
  for (let ticks = 0; ticks < 3; ticks++) await tick();
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await tick();
  expect(store.getSnapshot().readings.get('test.slow')).toMatchObject({ status: 'ok' });
  await tick();
  expect(answers).toHaveLength(2);
  answers[1]?.();
});

test('what a tick brought is committed at once, and a probe gets its previous value', async () => {
  const ticks: Tick[] = [];
  const previous: unknown[] = [];
  let reads = 0;
  const counting = probeOf('test.counting', async (context) => {
    previous.push(context.previous?.value);
    return ++reads;
  });
  const sampler = startSampler({
    target,
    probes: [counting, probeOf('test.other', async () => 1)],
    sink: { commit: (tick) => void ticks.push(tick) },
    tickMs: 20,
  });
  await waitFor('four commits', () => ticks.length >= 4, within);
  await sampler.stop();
  for (const { samples } of ticks.slice(0, 4)) {
    expect(samples.map(({ probeId }) => probeId)).toEqual(['test.counting', 'test.other']);
  }
  expect(previous.slice(0, 3)).toEqual([undefined, 1, 2]);
});

test('slow probes are read once in five ticks, those on demand never', async () => {
  const { clock, tick } = manualTicks();
  const reads = { tick: 0, slow: 0, onDemand: 0 };
  const probes = (['tick', 'slow', 'onDemand'] as const).map((cost) =>
    probeOf(`test.${cost}`, async () => ++reads[cost], { cost }),
  );
  const store = createProbeStore();
  startSampler({ target, probes, sink: store, clock });
  await waitFor('the first tick', () => store.getSnapshot().ticks > 0, within);
  for (let ticks = 1; ticks < 20; ticks++) await tick();
  expect(reads).toEqual({ tick: 20, slow: 4, onDemand: 0 });
});

test('a judge that fails makes the reading unknown instead of ending the loop', async () => {
  const judge = () => {
    throw new Error('our bug');
  };
  const { store } = started([probeOf('test.judged', async () => 1, { judge })]);
  const reading = await waitFor('a reading', () => store.getSnapshot().readings.get('test.judged'), within);
  expect(reading).toMatchObject({ status: 'unknown', reason: 'its value could not be judged: our bug' });
});

test('after stop nothing is read or committed any more, and the read in flight was waited for', async () => {
  const { clock, ticking } = manualTicks();
  let answer = (): void => {};
  const slow = probeOf('test.slow', () => new Promise<void>((resolve) => (answer = resolve)), { timeoutMs: 10_000 });
  const store = createProbeStore();
  const sampler = startSampler({ target, probes: [slow], sink: store, tickMs: 10_000, clock });
  const stopping = sampler.stop();
  expect(ticking()).toBe(false);
  answer();
  await stopping;
  expect(store.getSnapshot().ticks).toBe(0);
});

test('two rounds give a probe its rate without a running sampler', async () => {
  const store = createProbeStore();
  const probe = probeOf('test.rate', async ({ previous }) => (previous === undefined ? 'no rate' : 'a rate'));
  await sampleRounds({ target, probes: [probe], sink: store, pauseMs: 1 });
  expect(store.getSnapshot().readings.get('test.rate')).toMatchObject({ status: 'ok', value: 'a rate' });
});

test('who asks once gets a second reading for the rates, unless one reading tells all or cannot be had', async () => {
  const sleeps: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void sleeps.push(ms) };
  const readsOf = async (over: Partial<Probe<number>>, fail = false): Promise<number> => {
    let reads = 0;
    const read = async ({ previous }: ReadContext<number>): Promise<number> => {
      reads += 1;
      if (fail) throw new UnknownValue('not mapped');
      return (previous?.value ?? 0) + 1;
    };
    const reading = await readWhole({ probe: probeOf('test.whole', read, over), target, clock });
    expect(reading).toMatchObject(fail ? { status: 'unknown' } : { status: 'ok', value: reads });
    return reads;
  };
  expect(await readsOf({})).toBe(2);
  expect(sleeps).toEqual([1_000]);
  expect(await readsOf({ readsOnce: true })).toBe(1);
  expect(await readsOf({}, true)).toBe(1);
  expect(sleeps).toEqual([1_000]);
});

test('what goes through whole tables is gone through once', () => {
  const once = probes.filter(({ readsOnce }) => readsOnce).map(({ id }) => id);
  expect(once.sort()).toEqual(['pipeline.counts', 'projection.checksum']);
});

import { describe, expect, test } from 'vitest';
import { EngineError } from '../../infra/errors.ts';
import type { StackEvent } from '../../infra/stack/stack.ts';
import { type Mounted, mount } from './testing/mount.tsx';
import { expectWhole, open, sees } from './testing/opened.ts';
import { healthyTick, plantedAtMs, repeat, storeAfter } from './testing/ticks.ts';

describe('opening', () => {
  test('shows the engines coming up line by line, then the Overview by itself', async () => {
    const { push, end, events } = source();
    const mounted = await open({ store: storeAfter([]), startUp: events });
    await sees(mounted, 'Starting the engines');
    expectWhole(mounted);
    push({ kind: 'fetch', engine: 'kafka', phase: 'progress', note: '24 / 120 MB' });
    push({ kind: 'node', node: 'mysql', phase: 'starting', note: '' });
    await sees(mounted, '24 / 120 MB');
    push({ kind: 'node', node: 'mysql', phase: 'ready', note: '8.0.44' });
    await sees(mounted, '✓ mysql');
    expect(mounted.text()).toMatch(/○ kafka-1 +waiting/);
    end();
    await sees(mounted, 'waiting for the first reading');
    mounted.store.commit(healthyTick(plantedAtMs));
    await sees(mounted, 'All well');
  });

  test('a start that fails says what, why and what to try, and keeps the console open', async () => {
    const { fail, events } = source();
    const mounted = await open({ store: storeAfter([]), startUp: events });
    fail(
      new EngineError('kafka', 'kafka-3 did not answer', { why: 'port 19096 is taken', tryThis: ['labctl doctor'] }),
    );
    await sees(mounted, 'The engines did not start');
    await sees(mounted, 'kafka-3 did not answer');
    await sees(mounted, 'port 19096 is taken');
    await sees(mounted, '› labctl doctor');
    mounted.type('0');
    await sees(mounted, 'no data yet');
  });
});

describe('the terminal', () => {
  test.each([
    ['q', (mounted: Mounted) => mounted.type('q')],
    ['ctrl-c', (mounted: Mounted) => mounted.type('\u0003')],
  ])('%s gives it back as it was', async (_, leave) => {
    const mounted = await open();
    await sees(mounted, 'Engines');
    expect(mounted.screen.alternate).toBe(true);
    expect(mounted.screen.cursorShown).toBe(false);
    leave(mounted);
    await mounted.closed;
    expect(mounted.screen.alternate).toBe(false);
    expect(mounted.screen.cursorShown).toBe(true);
    // tmux shows what was left on the alternate screen after the window grew, unless it was erased before leaving.
    expect(mounted.text().trim()).toBe('');
  });

  test('the first line starts at the edge, wherever the prompt was', async () => {
    const mounted = await open({ promptAt: { row: 11, column: 17 } });
    await sees(mounted, 'Engines');
    expect(mounted.screen.rows()[0]).toMatch(/^ labctl ▸ Overview/);
    expectWhole(mounted);
  });

  test('drawing that fails leaves it whole too, and the failure reaches the caller', async () => {
    const store = storeAfter(repeat(3, healthyTick));
    const mounted = await mount({ store });
    await sees(mounted, 'Engines');
    const broken = healthyTick(plantedAtMs);
    const samples = broken.samples.map((sample) =>
      sample.probeId === 'outbox.backlog'
        ? { ...sample, reading: { status: 'ok' as const, value: null, takenAtMs: 0 } }
        : sample,
    );
    store.commit({ ...broken, samples });
    await expect(mounted.closed).rejects.toThrow();
    expect(mounted.screen.alternate).toBe(false);
    expect(mounted.screen.cursorShown).toBe(true);
  });
});

/** A start-up whose events the test sends when it wants. */
function source() {
  let wake = (): void => {};
  const queue: StackEvent[] = [];
  let outcome: 'going' | 'ended' | Error = 'going';
  async function* events(): AsyncGenerator<StackEvent> {
    for (;;) {
      const next = queue.shift();
      if (next !== undefined) yield next;
      else if (outcome === 'ended') return;
      else if (outcome !== 'going') throw outcome;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  return {
    events: events(),
    push(event: StackEvent) {
      queue.push(event);
      wake();
    },
    end() {
      outcome = 'ended';
      wake();
    },
    fail(error: Error) {
      outcome = error;
      wake();
    },
  };
}

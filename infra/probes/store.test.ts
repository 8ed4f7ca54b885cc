import { expect, test } from 'vitest';
import type { Finding } from './probe.ts';
import { createProbeStore, historyMax, historyOf, type Sample } from './store.ts';

const finding = (key: string, severity: Finding['severity'] = 'warning'): Finding => ({
  key,
  severity,
  text: { ko: key, en: key },
});

const known = (probeId: string, findings: readonly Finding[] = [], numbers: Sample['numbers'] = {}): Sample => ({
  probeId,
  reading: { status: 'ok', value: {}, takenAtMs: 0 },
  findings,
  numbers,
});

const unknown = (probeId: string): Sample => ({
  probeId,
  reading: { status: 'unknown', reason: 'down', sinceMs: 0 },
  findings: [],
  numbers: {},
});

test('a finding keeps its since while it is seen in each reading, whatever its words', () => {
  const store = createProbeStore();
  for (const atMs of [1_000, 2_000, 3_000]) store.commit({ atMs, samples: [known('a.b', [finding('x')])] });
  expect(store.getSnapshot().findings).toMatchObject([{ probeId: 'a.b', sinceMs: 1_000, seenMs: 3_000 }]);
});

test('a finding that is gone is gone, and one that comes back begins anew', () => {
  const store = createProbeStore();
  store.commit({ atMs: 1_000, samples: [known('a.b', [finding('x')])] });
  store.commit({ atMs: 2_000, samples: [known('a.b')] });
  expect(store.getSnapshot()).toMatchObject({ findings: [], lastFindingAtMs: 1_000 });
  store.commit({ atMs: 3_000, samples: [known('a.b', [finding('x')])] });
  expect(store.getSnapshot().findings).toMatchObject([{ sinceMs: 3_000 }]);
});

test('an unknown reading leaves its findings standing: nobody knows that they are gone', () => {
  const store = createProbeStore();
  store.commit({ atMs: 1_000, samples: [known('a.b', [finding('x')])] });
  store.commit({ atMs: 2_000, samples: [unknown('a.b')] });
  expect(store.getSnapshot().findings).toMatchObject([{ sinceMs: 1_000, seenMs: 1_000 }]);
  store.commit({ atMs: 3_000, samples: [known('a.b', [finding('x')])] });
  expect(store.getSnapshot().findings).toMatchObject([{ sinceMs: 1_000, seenMs: 3_000 }]);
});

test('the same key in two probes is two findings; critical first, then the oldest', () => {
  const store = createProbeStore();
  store.commit({ atMs: 1_000, samples: [known('a.b', [finding('x')])] });
  store.commit({ atMs: 2_000, samples: [known('c.d', [finding('x', 'critical'), finding('y')])] });
  expect(store.getSnapshot().findings.map(({ probeId, finding: { key } }) => `${probeId} ${key}`)).toEqual([
    'c.d x',
    'a.b x',
    'c.d y',
  ]);
});

test('a commit that brings no change of findings keeps their identity, so panels do not draw', () => {
  const store = createProbeStore();
  store.commit({ atMs: 1_000, samples: [known('a.b')] });
  const { findings } = store.getSnapshot();
  store.commit({ atMs: 2_000, samples: [known('a.b')] });
  expect(store.getSnapshot().findings).toBe(findings);
});

test('history has a gap where a number was unknown, and is bounded', () => {
  const store = createProbeStore();
  store.commit({ atMs: 1, samples: [known('outbox.backlog', [], { pending: 4 })] });
  store.commit({ atMs: 2, samples: [unknown('outbox.backlog')] });
  store.commit({ atMs: 3, samples: [known('outbox.backlog', [], { pending: 6 })] });
  const values = () => historyOf(store.getSnapshot(), 'outbox.backlog', 'pending').map(({ value }) => value);
  expect(values()).toEqual([4, null, 6]);
  for (let atMs = 4; atMs < 500; atMs++) {
    store.commit({ atMs, samples: [known('outbox.backlog', [], { pending: atMs })] });
  }
  expect(values()).toHaveLength(historyMax);
  expect(values().at(-1)).toBe(499);
});

test('listeners hear each commit once, and nothing after they left', () => {
  const store = createProbeStore();
  let heard = 0;
  const leave = store.subscribe(() => {
    heard += 1;
  });
  store.commit({ atMs: 1, samples: [known('a.b'), known('c.d')] });
  leave();
  store.commit({ atMs: 2, samples: [known('a.b')] });
  expect(heard).toBe(1);
  expect(store.getSnapshot().ticks).toBe(2);
});

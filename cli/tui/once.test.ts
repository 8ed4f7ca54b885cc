import { describe, expect, test } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { createProbeStore } from '../../infra/probes/store.ts';
import { snapshotText } from './once.ts';
import { plantedOutbox } from './testing/planted.ts';
import { plantedDiagnoses } from './testing/planted-diagnoses.ts';
import {
  brokerDownTick,
  deadLettersTick,
  healthyTick,
  plantedAtMs,
  repeat,
  storeAfter,
  unread,
} from './testing/ticks.ts';
import { widthOfText } from './ui/line.ts';

const clock = { ...systemClock, now: () => plantedAtMs };
const plain = { ascii: false, colour: false };
const snapshot = (store: ReturnType<typeof storeAfter>, change: Partial<Parameters<typeof snapshotText>[0]> = {}) =>
  snapshotText({ store, profile: 'lab', language: 'en', look: plain, clock, ...change });

describe('a snapshot', () => {
  const healthy = storeAfter(repeat(3, healthyTick));
  const down = storeAfter([healthyTick, ...repeat(14, brokerDownTick)]);

  test('says at the top how things stand', () => {
    expect(snapshot(healthy).text.split('\n').slice(0, 2)).toEqual([
      expect.stringMatching(/^labctl ▸ lab {2}kafka 3\/3 {2}mysql ok {2}redis ok {2}registry ok {2}\d\d:\d\d:\d\d$/),
      ' ✓ All well · 6 probes ok · oldest unapplied 0.3 s',
    ]);
    expect(snapshot(down).text).toMatch(/^2 problems\n✗ {2}for 13 s {2}kafka-2 does not answer/m);
  });

  test('has every panel, and no line beyond the given width', () => {
    for (const language of ['ko', 'en'] as const) {
      const { text } = snapshot(down, { language, columns: 72 });
      for (const title of language === 'ko' ? ['엔진', '워커', '컨슈머 지연'] : ['Engines', 'Workers', 'Consumer lag'])
        expect(text).toMatch(new RegExp(`^. ${title}`, 'm'));
      for (const row of text.split('\n')) expect(widthOfText(row)).toBeLessThanOrEqual(72);
    }
  });

  test('of another screen has its panels', () => {
    const { text } = snapshot(storeAfter(repeat(3, deadLettersTick)), { screen: '3' });
    expect(text).toMatch(/^! Dead letters/m);
    expect(text).toMatch(/^ {2}! schema +BalanceChanged +DecodeError/m);
    expect(text).not.toMatch(/^. Engines/m);
  });

  test('of Diagnose says what can be asked, and asks nothing', () => {
    const { text } = snapshot(healthy, { screen: '4', diagnoses: plantedDiagnoses });
    expect(text).toMatch(/^labctl diagnose loss +Loss +Loss: what, where, and why\?$/m);
    expect(text).toMatch(/^labctl diagnose all /m);
    expect(snapshot(down, { screen: '4', diagnoses: plantedDiagnoses }).text).toMatch(
      /falls behind.* 4 › diagnose lag$/m,
    );
    for (const row of text.split('\n')) expect(widthOfText(row)).toBeLessThanOrEqual(100);
  });

  test('has no control sequence unless colour is asked for', () => {
    const sequence = String.fromCodePoint(27);
    expect(snapshot(down).text).not.toContain(sequence);
    expect(snapshot(down, { look: { ascii: false, colour: true } }).text).toContain(`${sequence}[31m`);
  });

  test('is ASCII where asked', () => {
    expect(snapshot(down, { look: { ascii: true, colour: false } }).text).toMatch(/^[ -~\n]+$/);
  });
});

describe('its severity is the worst of what is known', () => {
  const unknown = storeAfter([healthyTick]);
  unknown.commit({
    atMs: plantedAtMs,
    samples: [
      unread('outbox.backlog', {
        reason: 'refused',
        sinceMs: plantedAtMs,
        last: { value: plantedOutbox(), takenAtMs: 0 },
      }),
    ],
  });
  test.each([
    ['healthy', storeAfter([healthyTick]), 'ok'],
    ['a dead broker', storeAfter([brokerDownTick]), 'critical'],
    ['one probe unknown', unknown, 'unknown'],
    ['nothing read', createProbeStore(), 'unknown'],
  ] as const)('%s: %s', (_, store, severity) => expect(snapshot(store).severity).toBe(severity));
});

import { describe, expect, test } from 'vitest';
import { known, unknownPart } from '../../probes/reading.ts';
import type { Evidence } from './evidence.ts';
import { type AtPlace, judge, overtakenAfterMs, producedWithinMs, type Seen } from './judge.ts';
import type { Suspect } from './suspects.ts';
import { stretchesOf } from './topic.ts';

const statusValues = { sent: 'SENT', skipped: 'SKIPPED' };
const suspect = (change: Partial<Suspect> = {}): Suspect => ({
  dedupKey: 'tx:7',
  source: 'outbox',
  rowId: '1',
  ageMs: 2 * producedWithinMs,
  createdAtMs: 0,
  sent: { partition: 0, offset: 10n },
  ...change,
});
const evidence = (change: Partial<Evidence> = {}): Evidence => ({
  applied: false,
  failure: undefined,
  outbox: { status: 'SENT', sent: { partition: 0, offset: 10n } },
  leg: { ledgerId: '1', txId: 'tx', accountId: '7', seq: 5n, delta: '1' },
  projection: { version: 9n, appliedCount: 8n, foldedSeq: 0n },
  laterApplied: true,
  beforeJournal: false,
  ...change,
});
const verdict = (change: Partial<Seen>) =>
  judge({ suspect: suspect(), evidence: evidence(), at: undefined, committed: known(11n), ...change }, statusValues).is;
const at = (status: AtPlace['status']) => ({ at: known({ status }) });

describe('any rung that shows the event has it applied', () => {
  test('effects, a fold, and the projection for what is older than the journal', () => {
    expect(verdict({ ...at('same'), evidence: evidence({ applied: true }) })).toBe('applied');
    const folded = { version: 9n, appliedCount: 8n, foldedSeq: 5n };
    expect(verdict({ ...at('same'), evidence: evidence({ projection: folded }) })).toBe('applied');
    const complete = { version: 9n, appliedCount: 9n, foldedSeq: 0n };
    expect(verdict({ ...at('same'), evidence: evidence({ projection: complete, beforeJournal: true }) })).toBe(
      'applied',
    );
    expect(verdict({ ...at('same'), evidence: evidence({ beforeJournal: true }) })).toBe('cannotTell');
    // While the journal reaches back, a complete count may hide a lost event behind a doubled one.
    expect(verdict({ ...at('same'), evidence: evidence({ projection: complete }) })).toBe('consumer');
  });

  test('on the ladder, dead, skipped and unsent are no losses', () => {
    expect(verdict({ ...at('same'), evidence: evidence({ failure: 'inRetry' }) })).toBe('inRetry');
    expect(verdict({ ...at('same'), evidence: evidence({ failure: 'dead' }) })).toBe('dead');
    const status = (text: string) => evidence({ outbox: { status: text, sent: undefined } });
    expect(verdict({ evidence: status('SKIPPED') })).toBe('skipped');
    expect(verdict({ evidence: status('PENDING') })).toBe('pending');
  });
});

describe('by the place in the topic', () => {
  test.each([
    ['cutOff', 'truncated'],
    ['another', 'truncated'],
    ['gap', 'removed'],
    ['expired', 'expired'],
    ['unreplicated', 'pending'],
    ['same', 'consumer'],
  ] as const)('%s: %s', (status, expected) => {
    expect(verdict(at(status))).toBe(expected);
  });

  test('what the group has not passed is on its way, whatever lies behind it', () => {
    expect(verdict({ ...at('same'), committed: known(10n) })).toBe('pending');
    expect(verdict({ ...at('same'), committed: known(undefined) })).toBe('pending');
  });

  test('what cannot be read is neither clean nor lost, unless the account went on without it', () => {
    const alone = evidence({ laterApplied: false });
    expect(verdict({ at: unknownPart('down'), evidence: alone })).toBe('cannotTell');
    expect(verdict({ ...at('same'), committed: unknownPart('down'), evidence: alone })).toBe('cannotTell');
    expect(verdict({ at: unknownPart('down') })).toBe('lost');
    expect(verdict({ at: unknownPart('down'), suspect: suspect({ ageMs: 1_000 }) })).toBe('cannotTell');
  });
});

test('a leg without outbox row is lost once its account went on, or after the grace', () => {
  const unsent = { source: 'ledger', sent: undefined } as const;
  const leg = (ageMs: number, laterApplied: boolean) =>
    verdict({ suspect: suspect({ ...unsent, ageMs }), evidence: evidence({ outbox: undefined, laterApplied }) });
  expect(leg(producedWithinMs, false)).toBe('notProduced');
  expect(leg(producedWithinMs - 1, false)).toBe('pending');
  expect(leg(overtakenAfterMs, true)).toBe('notProduced');
  expect(leg(overtakenAfterMs - 1, true)).toBe('pending');
});

test('times that lie close together are looked through once', () => {
  const stretches = stretchesOf([{ createdAtMs: 1_000_000 }, { createdAtMs: 9_000_000 }, { createdAtMs: 1_100_000 }]);
  expect(stretches).toEqual([
    { fromMs: 940_000, toMs: 1_220_000 },
    { fromMs: 8_940_000, toMs: 9_120_000 },
  ]);
});

import { describe, expect, test } from 'vitest';
import { known, notMapped, unknownPart } from '../reading.ts';
import { comparisonsOf, pipelineCounts } from './counts.ts';
import type { EventCounts } from './counts-read.ts';

const counts = (change: Partial<EventCounts> = {}): EventCounts => ({
  ledger: known(100n),
  outbox: known({ pending: 5n, sent: 93n, dead: 1n, skipped: 1n }),
  processed: known({ applied: 80n, folded: 2n, archived: 10n }),
  effects: known(80n),
  failed: known({ inRetry: 3n, dead: 2n }),
  folded: known(0n),
  ...change,
});
const unexplained = (change: Partial<EventCounts>, inFlightMax = known(6n)) =>
  Object.fromEntries(comparisonsOf(counts(change), inFlightMax).map((one) => [one.id, one.unexplained]));
const keysOf = (change: Partial<EventCounts>, inFlightMax = known(6n)) =>
  pipelineCounts
    .judge({ ...counts(change), inFlightMax, comparisons: comparisonsOf(counts(change), inFlightMax) })
    .map(({ key }) => key);

describe('the counts of one moment', () => {
  test('a difference of which every part is known is no finding', () => {
    expect(unexplained({})).toEqual({ outbox: 0n, processed: 0n, effects: 0n });
    expect(keysOf({})).toEqual([]);
    const sent = comparisonsOf(counts(), known(6n)).find(({ id }) => id === 'processed');
    expect(sent?.explained).toEqual({
      pending: 5n,
      outboxDead: 1n,
      skipped: 1n,
      inRetry: 3n,
      dead: 2n,
      folded: 0n,
      inFlight: 6n,
    });
  });

  test('what lies between and is not on its way is missing; more than there can be is too many', () => {
    expect(unexplained({}, known(4n)).processed).toBe(2n);
    expect(unexplained({ effects: known(81n) }).effects).toBe(-1n);
    expect(unexplained({ effects: known(79n) }).effects).toBe(1n);
    expect(unexplained({ ledger: known(101n) }).outbox).toBe(1n);
    expect(unexplained({ processed: known({ applied: 90n, folded: 0n, archived: 0n }) }).processed).toBe(-2n);
    expect(keysOf({ effects: known(81n) })).toEqual(['counts.effects']);
  });

  test('what is unknown is not compared, and a writer without outbox is not expected to fill it', () => {
    expect(unexplained({ processed: unknownPart(notMapped) })).toEqual({ outbox: 0n });
    const empty = known({ pending: 0n, sent: 0n, dead: 0n, skipped: 0n });
    expect(Object.keys(unexplained({ outbox: empty }))).toEqual(['processed', 'effects']);
    // Nobody can say what is on its way: nothing is said to be missing.
    const withoutKafka = comparisonsOf(counts({}), unknownPart('down')).find(({ id }) => id === 'processed');
    expect(withoutKafka?.unexplained).toBe(0n);
  });
});

import { describe, expect, test } from 'vitest';
import { known, total, unknownPart } from '../../../../infra/probes/reading.ts';
import { lagOfGroups, lagWithoutLeaders, leaderless, plantedGroup, plantedLag } from '../../testing/planted.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { rowOf, traceOf } from '../../ui/line.ts';
import { lagOf, lagRows, lagSummary } from './rows.ts';

describe('a total is never a bare number when parts of it are unknown', () => {
  test.each([
    ['all known', [known(5n), known(7n)], '12', '12'],
    ['one unknown', [known(5n), leaderless], 'at least 5', '5 이상'],
    ['all unknown', [leaderless, leaderless], '? unknown', '? 알 수 없음'],
    // That is not a lag of 0.
    ['no partition listed', [], '? unknown', '? 알 수 없음'],
  ])('%s', (_, parts, en, ko) => {
    expect(lagOf(total(parts), 'en')).toBe(en);
    expect(lagOf(total(parts), 'ko')).toBe(ko);
  });
});

test('names the partitions that nobody leads', () => {
  const rows = texts(lagRows(lagWithoutLeaders(), rowsContext({ height: 0 })));
  expect(rows.slice(1, 4)).toEqual(
    [
      '? projector                                       at least 3,033   54 → 13',
      '    2 of 6 partitions unknown (no leader: p1 p4)',
      '    p0 812  p1 ?  p2 940  p3 1,204  p4 ?  p5 77',
    ].map((row) => expect.stringMatching(pattern(row))),
  );
});

/** The same words; how many blanks stand between them is the table's business. */
const pattern = (row: string): RegExp =>
  new RegExp(`^${row.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ +/g, ' +')}$`);

test('a group that is not stable, and a partition that stands still, say so', () => {
  const standing = plantedGroup('projector', [known(40n)], { state: known('PreparingRebalance') });
  const [partition] = standing.partitions.known ? standing.partitions.value : [];
  if (partition === undefined) throw new Error('planted without partitions');
  const group = { ...standing, partitions: known([{ ...partition, stillMs: 14_000, waitedMs: 14_000 }]) };
  expect(texts(lagRows(lagOfGroups([group]), rowsContext({ width: 50, height: 0 })))).toEqual(
    expect.arrayContaining(['    balance-projector: PreparingRebalance', '    p0 no progress for 14 s']),
  );
});

test('an unreadable group shows its reason instead of partitions', () => {
  const group = plantedGroup('projector', [], { partitions: unknownPart('no broker answers') });
  expect(texts(lagRows(lagOfGroups([group]), rowsContext()))).toContain('    no broker answers');
});

test('rows to spare hold every partition with its offsets and owner', () => {
  const rows = texts(lagRows(plantedLag(), rowsContext({ height: 40 })));
  expect(rows).toContain('projector  balance-projector · account.balance.v1');
  expect(rows.filter((row) => row.startsWith('p0 '))).toHaveLength(2);
  expect(rows.some((row) => /^p0 +3 .*1,003 +1 +lab\.bal/.test(row))).toBe(true);
});

test('a row is about the first record that waits; a group’s, on the partition where most does', () => {
  const about = (height: number) => lagRows(plantedLag(), rowsContext({ height })).flatMap((row) => traceOf(row) ?? []);
  // Where nothing waits, the last one that was taken.
  expect(about(0)).toEqual(['account.balance.v1/0/1000', 'account.balance.v1/0/999']);
  const [first, second, ...partitions] = about(40);
  expect([first, second]).toEqual(about(0));
  expect(partitions.slice(0, 3)).toEqual([
    'account.balance.v1/0/1000',
    'account.balance.v1/1/1000',
    'account.balance.v1/2/999',
  ]);
  expect(partitions).toHaveLength(12);
  const names = lagRows(plantedLag(), rowsContext({ height: 40 })).flatMap((row) => rowOf(row) ?? []);
  expect(new Set(names).size).toBe(14);
  const unknown = lagRows(lagOfGroups([plantedGroup('projector', [leaderless])]), rowsContext({ height: 40 }));
  expect(unknown.map(traceOf).filter((place) => place !== undefined)).toEqual([]);
});

test('in one line', () => {
  expect(texts([lagSummary(lagWithoutLeaders(), rowsContext())])).toEqual([
    'projector at least 3,033 · invalidator at least 5',
  ]);
});

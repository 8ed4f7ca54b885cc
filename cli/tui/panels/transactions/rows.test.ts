import { expect, test } from 'vitest';
import { unknownPart } from '../../../../infra/probes/reading.ts';
import { createProbeStore } from '../../../../infra/probes/store.ts';
import { noTransactions, plantedTransactions } from '../../testing/planted-kafka.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { plantedAtMs, read } from '../../testing/ticks.ts';
import { traceOf, widthOf } from '../../ui/line.ts';
import { transactionsRows, transactionsSummary } from './rows.ts';
import { transactions } from './transactions.ts';

test('what hangs first, then what is open, then who waits behind it', () => {
  expect(texts(transactionsRows(plantedTransactions(), rowsContext({ width: 156 })))).toEqual([
    'open 1 · hanging 1 · 2 partitions held',
    expect.stringMatching(/^ {2}transaction +state +open for +timeout +producer +partitions$/),
    expect.stringMatching(/^✗ \(nobody’s\) +hanging +- +- +2001\/0 +account\.balance\.v1\/1 @ 1250$/),
    expect.stringMatching(/^! ledger-writer-7 +Ongoing +23 s +60 s +2000\/3 +account\.balance\.v1\/0$/),
    '  account.balance.v1/0  LSO 1,250 → HW 1,300  50 records  waiting: balance-projector 50',
    '  account.balance.v1/1  LSO 1,250 → HW 1,300  50 records  waiting: balance-projector 50',
  ]);
  const narrow = texts(transactionsRows(plantedTransactions(), rowsContext({ language: 'ko' })));
  expect(narrow[0]).toBe('열림 1 · 멈춤 1 · 막힌 파티션 2');
  expect(narrow[3]).toMatch(/^! ledger-writer-7 +Ongoing +23초/);
});

test('a row is about the first record of its transaction, or the first one that is held back', () => {
  const rows = transactionsRows(plantedTransactions(), rowsContext());
  expect(rows.flatMap((row) => traceOf(row) ?? [])).toEqual(
    ['1/1250', '0/1250', '0/1250', '1/1250'].map((at) => `account.balance.v1/${at}`),
  );
  // One that holds nothing back, as its coordinator knows it alone, names no offset.
  const [open] = plantedTransactions().open;
  const begun = transactionsRows({ ...noTransactions, open: open === undefined ? [] : [open] }, rowsContext());
  expect(begun.flatMap((row) => traceOf(row) ?? [])).toEqual([]);
});

test('what nobody could tell is said, and the number open is then at least so many', () => {
  const value = plantedTransactions({
    silent: [{ nodeId: 2, reason: 'broker kafka-2:9092 cannot be reached' }],
    unsure: [{ topic: 'orders', partition: 3, producerId: 9n, reason: 'not permitted' }],
    hanging: [],
    partitions: { checked: 3, unknown: [{ where: 'orders/4', reason: 'the partition has no leader' }] },
  });
  expect(texts(transactionsRows(value, rowsContext({ width: 156 }))).slice(0, 4)).toEqual([
    'open ≥ 1 · 2 partitions held',
    '? orders/3: whether it hangs is unknown (not permitted)',
    '? transactions of coordinator 2 unknown (broker kafka-2:9092 cannot be reached)',
    '? 1 partitions unknown (the partition has no leader)',
  ]);
});

test('a transactional id is free text: no control sequence is drawn, and it is cut', () => {
  const [one] = plantedTransactions().open;
  if (one === undefined) throw new Error('nothing was planted');
  const hostile = {
    ...one,
    transactionalId: `\u001b[31m${'x'.repeat(1_000_000)}`,
    openForMs: unknownPart<number>('clock skew'),
  };
  const [row = ''] = texts(
    transactionsRows(plantedTransactions({ open: [hostile], hanging: [] }), rowsContext()),
  ).slice(2, 3);
  expect(row).toMatch(/^✓ x+… +Ongoing +\? clock skew/);
});

test.each([40, 60, 76, 156])('no line is wider than %i', (width) => {
  for (const language of ['ko', 'en'] as const)
    for (const row of transactionsRows(plantedTransactions(), rowsContext({ width, language })))
      expect(widthOf(row)).toBeLessThanOrEqual(width);
});

test('nothing open is an empty panel; what is unknown is not', () => {
  const stateOf = (value: typeof noTransactions) => {
    const store = createProbeStore();
    store.commit({ atMs: plantedAtMs, samples: [read('kafka.transactions', value, plantedAtMs)] });
    const area = { width: 76, height: 9, scrolls: false, language: 'en', nowMs: plantedAtMs } as const;
    return transactions.view(store.getSnapshot(), area).state;
  };
  expect(stateOf(noTransactions)).toBe('empty');
  expect(stateOf({ ...noTransactions, silent: [{ nodeId: 2, reason: 'gone' }] })).toBe('ok');
  expect(texts([transactionsSummary(noTransactions, rowsContext())])).toEqual(['open 0']);
});

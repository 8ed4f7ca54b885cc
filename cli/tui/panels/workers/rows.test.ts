import { expect, test } from 'vitest';
import { known, unknownPart } from '../../../../infra/probes/reading.ts';
import { plantedWorkers } from '../../testing/planted.ts';
import { rowsContext, texts } from '../../testing/rows-context.ts';
import { workerRows, workerSummary } from './rows.ts';

const narrow = rowsContext({ width: 36, height: 0 });
const rowsOf = (workers: Parameters<typeof plantedWorkers>[0], context = narrow) =>
  texts(workerRows(plantedWorkers(workers), context));

test('a worker a line, with what it gets done', () => {
  expect(rowsOf({})).toEqual([
    '✓ transfer-writer     transfers 40/s',
    '✓ outbox-relay             sent 80/s',
    '✓ balance-projector     applied 80/s',
    '✓ cache-invalidator     cleared 80/s',
    '✓ balance-reader         reads 200/s',
  ]);
});

test('why one stands still is said beneath it, in its own words', () => {
  const message = 'p3 stopped at 812: a record cannot be decoded';
  const rows = rowsOf({ 'balance-projector': { findings: [{ key: 'p3', message }] } });
  expect(rows[2]).toMatch(/^! balance-projector/);
  expect(rows[3]).toBe(`    ${message}`);
});

test('a worker that has gone silent shows since when', () => {
  const context = rowsContext({ toneOf: (part) => (part === 'outbox-relay' ? 'critical' : 'ok'), height: 0 });
  expect(rowsOf({ 'outbox-relay': { beatAgeMs: known(14_000) } }, context)[1]).toMatch(
    /^✗ outbox-relay +sent 80\/s +14 s ago +pid 4701$/,
  );
});

test('an age that cannot be told is not taken for a fresh one', () => {
  const rows = rowsOf({ 'balance-reader': { beatAgeMs: unknownPart('clock skew') } });
  expect(rows[4]).toMatch(/^\? balance-reader/);
  expect(rows[5]).toBe('    unknown: clock skew');
});

test('a second worker of a kind is that kind; another one has no main counter', () => {
  const workers = plantedWorkers()
    .workers.slice(1, 2)
    .map((worker) => ({ ...worker, worker: 'outbox-relay-2' }));
  expect(texts(workerRows({ workers }, narrow))).toEqual(['✓ outbox-relay-2      sent 80/s  now']);
  const others = workers.map((worker) => ({ ...worker, worker: 'dlq-indexer' }));
  expect(texts(workerRows({ workers: others }, narrow))).toEqual(['✓ dlq-indexer          now  pid 4701']);
});

test('in one line', () => {
  expect(texts([workerSummary(plantedWorkers(), narrow)])).toEqual(['5 running']);
  const troubled = plantedWorkers({ 'outbox-relay': { findings: [{ key: 'x', message: 'held' }] } });
  expect(texts([workerSummary(troubled, narrow)])).toEqual(['1 of 5 in trouble']);
});

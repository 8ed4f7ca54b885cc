import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { mysqlPool, type Pool } from '../../infra/mysql/pool.ts';
import { freshScope } from '../../infra/testing/fresh-scope.ts';
import { loadFailureRules } from '../domain/failure-rules.ts';
import { type DeadLetter, deadLetterOf } from './dead-letter.ts';
import { indexLetters, storedOffsets } from './index-letters.ts';

const place = { topic: 'dlq', partition: 1 };

async function index(): Promise<Pool> {
  const endpoints = inject('endpoints');
  const { database } = await freshScope(endpoints);
  const pool = mysqlPool({ endpoint: endpoints.mysql, database, connections: 3 });
  onTestFinished(() => pool.end());
  return pool;
}

const rules = await loadFailureRules(undefined);
/** The dead letter at `offset` of an origin. */
function letter(offset: number, originOffset: number): DeadLetter {
  const message = { key: null, value: null, offset: String(offset), timestamp: '1700000000000', headers: {} };
  return {
    ...deadLetterOf({ ...place, message: message as never }, rules),
    origin: { topic: 'events', partition: 0, offset: String(originOffset) },
  };
}

async function rowsOf(pool: Pool): Promise<readonly string[]> {
  const [rows] = await pool.query<RowDataPacket[]>(
    'SELECT origin_offset, copies, record_offset FROM dlq_event ORDER BY origin_offset',
  );
  return rows.map((row) => `${row.origin_offset}: ${row.copies} copies, newest at ${row.record_offset}`);
}

test('delivered again, indexed once; a second letter of an origin is a copy', async () => {
  const pool = await index();
  const first = [letter(0, 10), letter(1, 11), letter(2, 10)];
  expect(await indexLetters(pool, place, first)).toEqual({ indexed: 2, copies: 1 });
  expect(await indexLetters(pool, place, first)).toEqual({ indexed: 0, copies: 0 });
  expect(await indexLetters(pool, place, [letter(2, 10), letter(3, 11)])).toEqual({ indexed: 0, copies: 1 });
  expect(await rowsOf(pool)).toEqual(['10: 2 copies, newest at 2', '11: 2 copies, newest at 3']);
  const ending = (end: bigint, isAnew = true) => ({ endOf: () => end, isAnew: () => isAnew });
  expect(await storedOffsets(pool, [place, { topic: 'dlq', partition: 2 }], ending(4n))).toEqual([
    { ...place, offset: '4' },
    { topic: 'dlq', partition: 2, offset: '0' },
  ]);
  // A new leader may know of less for a moment: nothing is indexed again because of that.
  await expect(storedOffsets(pool, [place], ending(2n, false))).rejects.toThrow('ends before 4');
  // The topic was deleted and made anew: its first records are new ones, whatever their offsets.
  expect(await storedOffsets(pool, [place], ending(2n))).toEqual([{ ...place, offset: '0' }]);
  expect(await indexLetters(pool, place, [letter(0, 900)])).toEqual({ indexed: 1, copies: 0 });
});

test('two owners of a partition at once, one of them a zombie, index each letter once', async () => {
  const pool = await index();
  const letters = Array.from({ length: 200 }, (_, offset) => letter(offset, 1_000 + offset));
  const chunks = [letters.slice(0, 120), letters.slice(0, 80), letters.slice(0, 120)];
  await Promise.all(chunks.map((chunk) => indexLetters(pool, place, chunk)));
  await indexLetters(pool, place, letters.slice(80));
  const [rows] = await pool.query<RowDataPacket[]>('SELECT COUNT(*) AS letters, SUM(copies) AS copies FROM dlq_event');
  expect([Number(rows[0]?.letters), Number(rows[0]?.copies)]).toEqual([200, 200]);
});

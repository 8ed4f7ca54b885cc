import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { type Deadlock, parseDeadlock } from './deadlock-text.ts';
import { keyText, type PrintedLock } from './lock-text.ts';

/** Captured on MySQL 9.7.4 and MariaDB 10.11.19. */
const captured = (name: string): string =>
  readFileSync(join(packageRoot, 'infra', 'mysql', 'testing', 'deadlocks', `${name}.txt`), 'utf8');

const place = (lock: PrintedLock | undefined): string =>
  lock === undefined
    ? '-'
    : `${lock.schema}.${lock.table}.${lock.index} (${lock.keys.map(keyText).join(' | ')}) ${lock.mode}`;

const told = (deadlock: Deadlock | undefined): readonly string[] =>
  (deadlock?.sides ?? []).map(
    ({ trxId, threadId, user, host, query, holds, waitsFor, victim }) =>
      `${victim ? 'victim ' : ''}trx ${trxId} thread ${threadId} ${user}@${host}: ${query}; holds ${holds.map(place).join(' + ')}; waits ${place(waitsFor)}`,
  );

const updateOf = (tx: string, delta: number, account: string): string =>
  `/* transfer tx=${tx} */ update accounts set balance=balance+${delta} where account_id='${account}'`;
const insertOf = (key: string): string => `insert into pe(consumer_group,dedup_key) values ('g','${key}')`;
const ignoring = (key: string): string => insertOf(key).replace('insert', 'insert ignore');
const account = (id: string): string => `diag_research.accounts.PRIMARY (${id}) X locks rec but not gap`;
const gap = 'diag_research.pe.uk (g, k90, 2) X locks gap before rec';
const row = (key: string, id: number, mode: string): string => `diag_research.pe.uk (g, ${key}, ${id}) ${mode}`;
const exclusive = 'X locks rec but not gap';

test.each([
  [
    'mysql_abba',
    'AB-BA',
    '2026-11-22 12:36:03',
    [
      `trx 1705 thread 14 root@127.0.0.1: ${updateOf('T1', 10, 'ACC-B')}; holds ${account('ACC-A')}; waits ${account('ACC-B')}`,
      `victim trx 1706 thread 15 root@127.0.0.1: ${updateOf('T2', 20, 'ACC-A')}; holds ${account('ACC-B')}; waits ${account('ACC-A')}`,
    ],
  ],
  [
    'maria_abba',
    'AB-BA',
    '2026-11-22 12:36:05',
    [
      `victim trx 125 thread 9 root@127.0.0.1: ${updateOf('T2', 20, 'ACC-A')}; holds ${account('ACC-B')}; waits ${account('ACC-A')}`,
      `trx 124 thread 8 root@127.0.0.1: ${updateOf('T1', 10, 'ACC-B')}; holds ${account('ACC-A')}; waits ${account('ACC-B')}`,
    ],
  ],
  [
    'mysql_gap',
    'gap and insert intention',
    '2026-11-22 12:36:04',
    [
      `trx 1720 thread 14 root@127.0.0.1: ${insertOf('k10')}; holds ${gap}; waits ${gap} insert intention`,
      `victim trx 1721 thread 15 root@127.0.0.1: ${insertOf('k11')}; holds ${gap}; waits ${gap} insert intention`,
    ],
  ],
  [
    'maria_gap',
    'gap and insert intention',
    '2026-11-22 12:36:05',
    [
      `victim trx 137 thread 9 root@127.0.0.1: ${insertOf('k11')}; holds ${gap}; waits ${gap} insert intention`,
      `trx 136 thread 8 root@127.0.0.1: ${insertOf('k10')}; holds ${gap}; waits ${gap} insert intention`,
    ],
  ],
  [
    'mysql_insign',
    'duplicate key',
    '2026-11-22 12:36:04',
    [
      `trx 1725 thread 14 root@127.0.0.1: ${ignoring('m2')}; holds ${row('m1', 7, exclusive)}; waits ${row('m2', 8, 'S')}`,
      `victim trx 1726 thread 15 root@127.0.0.1: ${ignoring('m1')}; holds ${row('m2', 8, exclusive)}; waits ${row('m1', 7, 'S')}`,
    ],
  ],
  [
    'maria_insign',
    'duplicate key',
    '2026-11-22 12:36:06',
    [
      `victim trx 145 thread 9 root@127.0.0.1: ${ignoring('m1')}; holds ${row('m2', 8, exclusive)}; waits ${row('m1', 7, 'S')}`,
      `trx 144 thread 8 root@127.0.0.1: ${ignoring('m2')}; holds ${row('m1', 7, exclusive)}; waits ${row('m2', 8, 'S')}`,
    ],
  ],
])('%s: both sides, what each holds and waits for, and the victim', (name, kind, at, sides) => {
  const deadlock = parseDeadlock(captured(name));
  expect(told(deadlock)).toEqual(sides);
  expect(deadlock).toMatchObject({ class: kind, at });
  expect(deadlock?.sides.every(({ waitsFor }) => waitsFor?.waiting === true)).toBe(true);
});

describe('within the whole status', () => {
  const around = (section: string): string =>
    `\n=====\n2026-11-25 20:38:06 1402 INNODB MONITOR OUTPUT\n=====\n------------------------\nLATEST DETECTED DEADLOCK\n------------------------\n${section}\n------------\nTRANSACTIONS\n------------\n---TRANSACTION 9, ACTIVE 3 sec\nMySQL thread id 3, OS thread handle 1, query id 2 localhost root\n`;

  test('what follows the deadlock is not part of it', () => {
    expect(parseDeadlock(around(captured('mysql_abba')))).toEqual(parseDeadlock(captured('mysql_abba')));
  });

  test('without a deadlock there is none', () => {
    expect(parseDeadlock('\n------------\nTRANSACTIONS\n------------\n')).toBeUndefined();
    expect(parseDeadlock('')).toBeUndefined();
  });
});

test('the same deadlock has one fingerprint, another has another', () => {
  const fingerprints = ['mysql_abba', 'mysql_abba', 'mysql_gap'].map(
    (name) => parseDeadlock(captured(name))?.fingerprint,
  );
  expect(new Set(fingerprints).size).toBe(2);
});

describe('text that is cut, garbled or hostile', () => {
  const names = ['mysql_abba', 'maria_abba', 'mysql_gap', 'maria_gap', 'mysql_insign', 'maria_insign'];

  test('cut anywhere it never throws, and never invents a victim', () => {
    for (const text of names.map(captured)) {
      for (let length = 0; length < text.length; length += 7) {
        const deadlock = parseDeadlock(text.slice(0, length));
        expect(deadlock?.sides.some(({ victim }) => victim) ?? false).toBe(false);
      }
    }
  });

  test('lines taken out or doubled never make it throw', () => {
    for (const text of names.map(captured)) {
      const lines = text.split('\n');
      for (const at of lines.keys()) {
        parseDeadlock(lines.toSpliced(at, 1).join('\n'));
        parseDeadlock(lines.toSpliced(at, 0, lines[at] ?? '').join('\n'));
      }
    }
  });

  test("a statement's text that looks like the report does not change the victim", () => {
    const text = captured('mysql_abba').replace(
      /^\/\* transfer tx=T1.*$/m,
      "update accounts set note='\n*** WE ROLL BACK TRANSACTION (1)\n' where account_id='ACC-B'",
    );
    expect(parseDeadlock(text)?.sides.map(({ victim }) => victim)).toEqual([false, true]);
  });

  test('a statement of a megabyte is cut', () => {
    const text = captured('mysql_abba').replace('/* transfer tx=T1 */', `/* ${'가'.repeat(1_000_000)} */`);
    expect(parseDeadlock(text)?.sides[0]?.query.length).toBeLessThan(500);
  });
});

test('a side without a lock of its own, a lock on a table, and names with backticks', () => {
  const text = [
    '2026-11-25 01:02:03 1',
    '*** (1) TRANSACTION:',
    'TRANSACTION 1, ACTIVE 0 sec setting auto-inc lock',
    'MySQL thread id 5, OS thread handle 1, query id 9 10.0.0.7 app executing',
    'insert into t values (1)',
    '*** (1) WAITING FOR THIS LOCK TO BE GRANTED:',
    'TABLE LOCK table `a``b`.`잔액` trx id 1 lock mode AUTO-INC waiting',
    '*** WE ROLL BACK TRANSACTION (1)',
  ].join('\n');
  expect(parseDeadlock(text)).toMatchObject({
    class: 'other',
    sides: [
      {
        user: 'app',
        host: '10.0.0.7',
        victim: true,
        waitsFor: { schema: 'a`b', table: '잔액', index: undefined, mode: 'AUTO-INC', waiting: true, keys: [] },
      },
    ],
  });
});

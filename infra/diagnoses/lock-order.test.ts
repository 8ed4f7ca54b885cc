import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Deadlock, parseDeadlock } from '../mysql/deadlock-text.ts';
import { packageRoot } from '../package-root.ts';
import { remedyOf } from './lock-order.ts';

function captured(name: string, change: (text: string) => string = (text) => text): Deadlock {
  const file = join(packageRoot, 'infra', 'mysql', 'testing', 'deadlocks', `${name}.txt`);
  const deadlock = parseDeadlock(change(readFileSync(file, 'utf8')));
  if (deadlock === undefined) throw new Error(`${name} holds no deadlock`);
  return deadlock;
}

test.each([
  ['mysql_abba', 'accounts (ACC-A) → accounts (ACC-B)', 'Session 15 takes them'],
  ['maria_abba', 'accounts (ACC-A) → accounts (ACC-B)', 'Session 9 takes them'],
  ['mysql_insign', 'pe (g, m1, 7) → pe (g, m2, 8)', 'sort the keys'],
  ['maria_insign', 'pe (g, m1, 7) → pe (g, m2, 8)', 'sort the keys'],
  ['mysql_gap', 'gap lock', 'READ COMMITTED'],
  ['maria_gap', 'gap lock', 'READ COMMITTED'],
])('%s: the order that would have avoided it', (name, ...parts) => {
  const { en, ko } = remedyOf(captured(name));
  for (const part of parts) expect(en).toContain(part);
  expect(ko).not.toBe('');
});

test('numbers are ordered as numbers, those below 0 first', () => {
  const withKeys = (one: string, other: string) =>
    captured('mysql_abba', (text) =>
      text
        .replaceAll('len 5; hex 4143432d41', `len 8; hex ${one}`)
        .replaceAll('len 5; hex 4143432d42', `len 8; hex ${other}`),
    );
  expect(remedyOf(withKeys('8000000000000009', '800000000000000a')).en).toContain('accounts (9) → accounts (10)');
  expect(remedyOf(withKeys('8000000000000003', '7ffffffffffffffb')).en).toContain('accounts (-5) → accounts (3)');
});

test('rows of two tables are ordered by table', () => {
  const deadlock = captured('mysql_abba', (text) =>
    text
      .split('\n')
      .map((line, at, lines) =>
        line.startsWith('RECORD LOCKS') && (lines[at + 2] ?? '').includes('4143432d41')
          ? line.replace('`accounts`', '`ledger`')
          : line,
      )
      .join('\n'),
  );
  expect(remedyOf(deadlock).en).toContain('accounts (ACC-B) → ledger (ACC-A) everywhere');
});

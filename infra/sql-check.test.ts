import { expect, test } from 'vitest';
import { refusedSql } from './sql-check.ts';

test.each([
  'SELECT 1',
  '  with x as (select 1) select * from x;',
  "SELECT REPLACE(a, ';', 'INTO') FROM t -- for update; delete from x",
  '/* why */ SELECT `into`, updated_at FROM `call me`',
  '(SELECT 1) UNION (SELECT 2)',
])('is one reading statement: %s', (sql) => {
  expect(refusedSql(sql)).toBeUndefined();
});

test.each([
  ['DELETE FROM t', /begin with SELECT/],
  ['SELECT 1; DROP TABLE t', /one statement/],
  ["SELECT * FROM t INTO OUTFILE '/x'", /INTO/],
  ['SELECT * FROM t FOR UPDATE', /FOR UPDATE/],
  ['SELECT * FROM t FOR  SHARE', /FOR UPDATE/],
  ['SELECT * FROM t LOCK IN SHARE MODE', /LOCK IN/],
  ["SELECT GET_LOCK('a', 10)", /GET_LOCK/],
  ['WITH x AS (SELECT 1) DELETE FROM t', /writes/],
  ['WITH x AS (SELECT 1) UPDATE t SET a = 1', /writes/],
  ['SELECT 1 /*!50000 INTO OUTFILE "x" */', /executable comment/],
  ["SELECT 'a' 'b'; -- it's\nDELETE FROM t", /one statement/],
  ['', /begin with SELECT/],
])('is refused: %s', (sql, why) => {
  expect(refusedSql(sql)).toMatch(why);
});

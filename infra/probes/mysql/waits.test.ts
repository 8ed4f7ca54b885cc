import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { locksWaitedFor, readable } from '../../mysql/lock-text.ts';
import { type MetadataLock, metadataWaits } from '../../mysql/metadata-locks.ts';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { isOtherRun } from '../../mysql/server-status.ts';
import type { Target } from '../../target.ts';
import { unknownPart } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { lockText, mysqlWaits } from './waits.ts';
import { rootsOf } from './waits-chains.ts';

/** A server that answers each statement by the first pattern that it matches, and takes note of what it was asked. */
function serverOf(answers: readonly (readonly [RegExp, readonly object[]])[]): { target: Target; asked: string[] } {
  const asked: string[] = [];
  const mysql: Pick<ReadOnlyMysql, 'query'> = {
    async query<Row>(sql: string, _params: readonly unknown[], row: z.ZodType<Row>) {
      asked.push(sql);
      const found = answers.find(([pattern]) => pattern.test(sql));
      if (found === undefined) throw new Error(`unexpected: ${sql}`);
      return found[1].map((one) => row.parse(one));
    },
  };
  return { target: { mysql, roles: { database: '', topics: {}, groups: {} } } as unknown as Target, asked };
}

const transactionOf = (pid: string, state: string, more: object = {}) => ({
  trx_id: `1${pid}`,
  pid,
  state,
  open_us: '30000000',
  wait_us: state === 'LOCK WAIT' ? '9000000' : null,
  rows_locked: '1',
  rows_modified: '1',
  isolation: 'REPEATABLE READ',
  query: state === 'LOCK WAIT' ? 'update t set a = 1' : null,
  ...more,
});

const sessionOf = (pid: string, command: string) => ({
  pid,
  user: 'app',
  host: 'web-1:4000',
  db: 'bank',
  command,
  seconds: '30',
  state: '',
  info: null,
});

test('on MariaDB: INNODB_LOCK_WAITS, the processlist, and nothing of performance_schema that is not there', async () => {
  const { target, asked } = serverOf([
    [/VERSION\(\)/, [{ version: '10.11.19-MariaDB-deb12' }]],
    [/^SHOW GLOBAL STATUS/, [{ Variable_name: 'Innodb_row_lock_current_waits', Value: '1' }]],
    [/^SHOW ENGINE/, [{ Status: statusWith('18', '21') }]],
    [/INNODB_LOCK_WAITS/, [{ waiter: '18', blocker: '17' }]],
    [/INNODB_TRX WHERE/, [transactionOf('7', 'RUNNING'), transactionOf('8', 'LOCK WAIT')]],
    [/performance_schema\.threads/, []], // there, and empty: it is off by default
    [/PROCESSLIST WHERE ID IN/, [sessionOf('7', 'Sleep'), sessionOf('8', 'Query')]],
    [/PROCESSLIST WHERE STATE/, []],
  ]);
  const reading = await readOnce({ probe: mysqlWaits, target, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  expect(asked.filter((sql) => /data_locks|data_lock_waits/.test(sql))).toEqual([]);
  expect(reading.value).toMatchObject({
    waits: [
      { waiter: { pid: '8' }, blockers: { value: ['7'] }, roots: ['7'], depth: 1, lock: { value: { key: '21' } } },
    ],
    roots: [{ pid: '7', isIdle: true, waiting: 1, kill: 'KILL 7;' }],
  });
  expect(reading.value.roots[0]?.session?.lastStatement).toEqual({ known: false, reason: 'performance_schema is off' });
  expect(mysqlWaits.judge(reading.value).map(({ key, severity }) => [key, severity])).toEqual([
    ['waits.root.7', 'warning'],
  ]);
});

test('on MySQL without performance_schema, whose tables are empty then, a jam is still a jam', async () => {
  const { target } = serverOf([
    [/VERSION\(\)/, [{ version: '8.4.4' }]],
    [/@@performance_schema/, [{ enabled: '0' }]],
    [/^SHOW GLOBAL STATUS/, [{ Variable_name: 'Innodb_row_lock_current_waits', Value: '1' }]],
    [/^SHOW ENGINE/, [{ Status: statusWith('18', '21') }]],
    [/data_lock_waits/, []],
    [/metadata_locks/, []],
    [/INNODB_TRX WHERE/, [transactionOf('7', 'RUNNING'), transactionOf('8', 'LOCK WAIT')]],
    [/performance_schema\.threads/, []],
    [/PROCESSLIST WHERE ID IN/, [sessionOf('7', 'Sleep'), sessionOf('8', 'Query'), sessionOf('9', 'Query')]],
    [/PROCESSLIST WHERE STATE/, [{ pid: '9', seconds: '30', state: 'Waiting for table metadata lock' }]],
  ]);
  const reading = await readOnce({ probe: mysqlWaits, target, before: undefined });
  if (reading.status !== 'ok') throw new Error(reading.reason);
  expect(reading.value.waits.map(({ kind, waiter, blockers }) => [kind, waiter.pid, blockers.known])).toEqual(
    expect.arrayContaining([
      ['row', '8', false],
      ['metadata', '9', false],
    ]),
  );
  expect(reading.value.waits.find(({ kind }) => kind === 'row')?.blockers).toEqual(
    unknownPart('performance_schema is off'),
  );
  expect(reading.value.longTransactions.map(({ pid, isIdle }) => [pid, isIdle])).toEqual([['7', true]]);
  expect(mysqlWaits.judge(reading.value)).not.toEqual([]);
});

test('on MySQL nothing is asked about locks while nobody waits', async () => {
  const { target, asked } = serverOf([
    [/VERSION\(\)/, [{ version: '9.7.4' }]],
    [/^SHOW GLOBAL STATUS/, [{ Variable_name: 'Innodb_row_lock_current_waits', Value: '0' }]],
    [/INNODB_TRX WHERE/, []],
    [/performance_schema\.threads/, []],
    [/@@performance_schema/, [{ enabled: '1' }]],
  ]);
  const reading = await readOnce({ probe: mysqlWaits, target, before: undefined });
  expect(reading).toMatchObject({ status: 'ok', value: { waits: [], roots: [], longTransactions: [] } });
  expect(asked.some((sql) => /data_lock|metadata_locks|ENGINE INNODB/.test(sql))).toBe(false);
});

function statusWith(trxId: string, key: string): string {
  const hex = Buffer.from(key).toString('hex');
  return [
    'LIST OF TRANSACTIONS FOR EACH SESSION:',
    `---TRANSACTION ${trxId}, ACTIVE 9 sec starting index read`,
    '------- TRX HAS BEEN WAITING 9000000 us FOR THIS LOCK TO BE GRANTED:',
    `RECORD LOCKS space id 5 page no 3 n bits 80 index uk of table \`bank\`.\`t\` trx id ${trxId} lock_mode X locks rec but not gap waiting`,
    'Record lock, heap no 2 PHYSICAL RECORD: n_fields 1; compact format; info bits 0',
    ` 0: len 2; hex ${hex}; asc ${key};;`,
    '',
    '------------------',
  ].join('\n');
}

test('the lock that is waited for is read from the status text, cut anywhere without an error', () => {
  const status = statusWith('18', '21');
  const lock = locksWaitedFor(status).get('18');
  expect(lock).toMatchObject({ table: 't', index: 'uk', mode: 'X locks rec but not gap' });
  expect(lockText({ schema: 'bank', table: 't', index: 'uk', mode: 'X', key: '21' })).toBe('bank.t uk (21) X');
  for (let length = 0; length < status.length; length++) locksWaitedFor(status.slice(0, length));
});

test.each([
  ['8000000000000001', '1'],
  ['7ffffffffffffffb', '-5'],
  ['00000000000004b0', '1200'],
  ['8000000a', '10'],
  ['4143432d41', 'ACC-A'],
  [Buffer.from('잔액').toString('hex'), '잔액'],
  [Buffer.from('잔액'.normalize('NFD')).toString('hex'), '잔액'],
  ['1b5b324a', String(0x1b5b324a)],
  ['ff00ff00ff', '0xff00ff00ff'],
  ['', ''],
])('a key stored as %s reads as %s', (hex, text) => {
  expect(readable(hex)).toBe(text);
});

describe('chains', () => {
  test('end where nobody waits any more, and a circle has no end', () => {
    const chain = new Map([
      ['3', ['2']],
      ['2', ['1', '9']],
    ]);
    expect([...rootsOf('3', chain)].sort()).toEqual(['1', '9']);
    expect(
      rootsOf(
        'a',
        new Map([
          ['a', ['b']],
          ['b', ['a']],
        ]),
      ),
    ).toEqual([]);
  });
});

describe('metadata locks', () => {
  const on = (pid: string, type: string, status: string, more: Partial<MetadataLock> = {}): MetadataLock => ({
    objectType: 'TABLE',
    schema: 'bank',
    name: 't',
    type,
    status,
    pid,
    ...more,
  });

  test('an ALTER waits for a reader, and everybody after it for the ALTER', () => {
    const waits = metadataWaits([
      on('1', 'SHARED_READ', 'GRANTED'),
      on('2', 'SHARED_UPGRADABLE', 'GRANTED'),
      on('2', 'EXCLUSIVE', 'PENDING'),
      on('3', 'SHARED_READ', 'PENDING'),
      on('4', 'SHARED_WRITE', 'PENDING'),
      on('5', 'EXCLUSIVE', 'GRANTED', { name: 'another' }),
    ]);
    expect(waits.map(({ waiter, blockers }) => [waiter, ...blockers])).toEqual([
      ['2', '1'],
      ['3', '2'],
      ['4', '2'],
    ]);
  });

  test('FLUSH TABLES WITH READ LOCK waits for writers of the server', () => {
    const global = { objectType: 'GLOBAL', schema: null, name: null };
    const waits = metadataWaits([
      on('1', 'INTENTION_EXCLUSIVE', 'GRANTED', global),
      on('2', 'SHARED', 'PENDING', global),
    ]);
    expect(waits.map(({ waiter, blockers }) => [waiter, ...blockers])).toEqual([['2', '1']]);
  });
});

test('another server, or a later start of the same one, is another run', () => {
  const server = { version: '9.7.4', isMariaDb: false, uuid: 'a', uptimeSeconds: 100, serverTimeMs: 1_000_000 };
  expect(isOtherRun(server, { ...server, uptimeSeconds: 105, serverTimeMs: 1_005_400 })).toBe(false);
  expect(isOtherRun(server, { ...server, uptimeSeconds: 3, serverTimeMs: 1_005_000 })).toBe(true);
  expect(isOtherRun(server, { ...server, uuid: 'b', uptimeSeconds: 105, serverTimeMs: 1_005_000 })).toBe(true);
  // Up for longer than before, and yet started again: the reading before was long ago.
  expect(isOtherRun(server, { ...server, uptimeSeconds: 500, serverTimeMs: 9_000_000 })).toBe(true);
});

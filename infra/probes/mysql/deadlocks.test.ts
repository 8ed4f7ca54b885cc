import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import { packageRoot } from '../../package-root.ts';
import type { Target } from '../../target.ts';
import type { Probe } from '../probe.ts';
import { unknownPart } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { type MysqlDeadlocks, mysqlDeadlocks } from './deadlocks.ts';
import { type MysqlErrors, mysqlErrors } from './errors.ts';

const section = readFileSync(join(packageRoot, 'infra', 'mysql', 'testing', 'deadlocks', 'mysql_abba.txt'), 'utf8');

interface Server {
  /** Seconds up; its clock goes with it. */
  readonly uptime: number;
  readonly deadlocks: number;
  /** Which one is kept, by the transaction it is told of; undefined: none. */
  readonly kept?: number;
  readonly timeouts?: number;
  readonly startedAtMs?: number;
  readonly detect?: string;
  readonly isCounting?: boolean;
}

function targetOf(server: Server): Target {
  const { uptime, deadlocks, kept, timeouts = 0, startedAtMs = 1_000_000, detect = 'ON', isCounting = true } = server;
  const text =
    kept === undefined
      ? ''
      : `------------------------\nLATEST DETECTED DEADLOCK\n------------------------\n${section.replaceAll('1705', String(kept))}\n`;
  const metric = (name: string, counted: number) => ({ name, counted: String(counted), enabled: isCounting ? 1 : 0 });
  const answers: readonly (readonly [RegExp, readonly object[]])[] = [
    [/SHOW ENGINE/, [{ Status: `${text}------------\nTRANSACTIONS\n------------\n` }]],
    [/GLOBAL STATUS/, [{ Variable_name: 'Uptime', Value: String(uptime) }]],
    [/GLOBAL VARIABLES/, [{ Variable_name: 'innodb_deadlock_detect', Value: detect }]],
    [/INNODB_METRICS/, [metric('lock_deadlocks', deadlocks), metric('lock_timeouts', timeouts)]],
    [/VERSION/, [{ version: '9.7.4', time_us: String((startedAtMs + uptime * 1000) * 1000) }]],
    [/AS at_us/, [{ at_us: String((startedAtMs + uptime * 1000 - 3_000) * 1000) }]],
    [/events_/, []],
    [/@@performance_schema/, [{ enabled: 1 }]],
  ];
  const mysql: Pick<ReadOnlyMysql, 'query'> = {
    async query<Row>(sql: string, _params: readonly unknown[], row: z.ZodType<Row>) {
      const found = answers.find(([pattern]) => pattern.test(sql));
      if (found === undefined) throw new Error(`unexpected: ${sql}`);
      return found[1].map((one) => row.parse(one));
    },
  };
  return { mysql, roles: { database: '', topics: {}, groups: {} } } as unknown as Target;
}

async function after<T>(probe: Probe<T>, servers: readonly Server[]): Promise<T> {
  let before: Awaited<ReturnType<typeof readOnce<T>>> | undefined;
  for (const server of servers) before = await readOnce({ probe, target: targetOf(server), before });
  if (before?.status !== 'ok') throw new Error(before?.reason);
  return before.value;
}

const deadlocksAfter = (...servers: readonly Server[]): Promise<MysqlDeadlocks> => after(mysqlDeadlocks, servers);
const errorsAfter = (...servers: readonly Server[]): Promise<MysqlErrors> => after(mysqlErrors, servers);

test('the same deadlock is captured once, one that was overwritten between two readings never', async () => {
  const value = await deadlocksAfter(
    { uptime: 100, deadlocks: 1, kept: 1 },
    { uptime: 105, deadlocks: 1, kept: 1 },
    { uptime: 110, deadlocks: 4, kept: 4 },
  );
  expect(value).toMatchObject({ captured: 2, total: { value: 4n }, lately: { deadlocks: 3, overMs: 10_000 } });
  expect(value.seen.map(({ ageMs }) => ageMs)).toEqual([
    { known: true, value: 3_000 },
    { known: true, value: 13_000 },
  ]);
});

test('twenty are kept, all are counted', async () => {
  const servers = Array.from({ length: 30 }, (_, at) => ({ uptime: 100 + at, deadlocks: at + 1, kept: at + 1 }));
  const value = await deadlocksAfter(...servers);
  expect(value.captured).toBe(30);
  expect(value.seen).toHaveLength(20);
});

test('a server that was started again begins anew', async () => {
  const value = await deadlocksAfter(
    { uptime: 100, deadlocks: 9, kept: 9 },
    { uptime: 2, deadlocks: 0, startedAtMs: 1_150_000 },
  );
  expect(value).toMatchObject({ captured: 0, seen: [], lately: undefined });
});

test('one in a while is silent, a habit is a warning, a storm critical; without detection none is ever seen', async () => {
  const judged = async (more: number, change: Partial<Server> = {}) =>
    mysqlDeadlocks
      .judge(await deadlocksAfter({ uptime: 100, deadlocks: 0 }, { uptime: 160, deadlocks: more, ...change }))
      .map(({ key, severity }) => `${key} ${severity}`);
  expect(await judged(11)).toEqual([]);
  expect(await judged(12)).toEqual(['deadlocks.rate warning']);
  expect(await judged(120)).toEqual(['deadlocks.rate critical']);
  expect(await judged(0, { detect: 'OFF' })).toEqual(['deadlocks.detection warning']);
});

test('a counter that is switched off is unknown, not 0', async () => {
  const value = await deadlocksAfter({ uptime: 100, deadlocks: 0, isCounting: false });
  expect(value.total).toEqual(unknownPart('the counter lock_deadlocks is switched off'));
});

test('errors: totals of InnoDB where the server counts none, rates of one run only', async () => {
  const value = await errorsAfter(
    { uptime: 100, deadlocks: 4, timeouts: 1 },
    { uptime: 105, deadlocks: 9, timeouts: 2 },
  );
  expect(value.errors.map(({ errno, total, isRetried }) => [errno, total.known && total.value, isRetried])).toEqual([
    [1205, 2n, true],
    [1213, 9n, true],
    [1020, false, true],
    [3572, false, false],
    [1040, false, false],
  ]);
  expect(value.errors[1]?.perSecond).toEqual({ known: true, value: 1 });
  expect(mysqlErrors.judge(value).map(({ key }) => key)).toEqual(['errors.1205']);
  const restarted = await errorsAfter(
    { uptime: 100, deadlocks: 4, timeouts: 1 },
    { uptime: 3, deadlocks: 0, timeouts: 0, startedAtMs: 1_150_000 },
  );
  expect(restarted.errors[0]?.perSecond).toEqual(unknownPart('the server was started again'));
  expect(mysqlErrors.judge(restarted)).toEqual([]);
});

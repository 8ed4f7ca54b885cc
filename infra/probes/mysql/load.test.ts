import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { ReadOnlyMysql } from '../../mysql/read-only.ts';
import type { Target } from '../../target.ts';
import { type Reading, unknownPart } from '../reading.ts';
import { readOnce } from '../sampler.ts';
import { mysqlLoad } from './load.ts';

interface Server {
  readonly uptime: number;
  readonly timeMs: number;
  readonly questions: number;
  readonly connected?: number;
  readonly refused?: number;
  readonly running?: number;
  readonly history?: number;
  readonly uuid?: string;
}

function targetOf(server: Server): Target {
  const status: Record<string, number> = {
    Uptime: server.uptime,
    Questions: server.questions,
    Com_commit: server.questions / 4,
    Threads_connected: server.connected ?? 10,
    Threads_running: server.running ?? 2,
    Max_used_connections: 20,
    Connection_errors_max_connections: server.refused ?? 0,
    Innodb_buffer_pool_read_requests: server.questions * 10,
    Innodb_buffer_pool_reads: server.questions / 10,
  };
  const variables: Record<string, string> = {
    server_uuid: server.uuid ?? 'a',
    max_connections: '100',
    read_only: 'OFF',
  };
  const pairs = (of: Record<string, unknown>) =>
    Object.entries(of).map(([Variable_name, value]) => ({ Variable_name, Value: String(value) }));
  const mysql: Pick<ReadOnlyMysql, 'query'> = {
    async query<Row>(sql: string, _params: readonly unknown[], row: z.ZodType<Row>) {
      const rows = /GLOBAL STATUS/.test(sql)
        ? pairs(status)
        : /GLOBAL VARIABLES/.test(sql)
          ? pairs(variables)
          : /INNODB_METRICS/.test(sql)
            ? [{ name: 'trx_rseg_history_len', counted: String(server.history ?? 30), enabled: 1 }]
            : [{ version: '9.7.4', time_us: String(server.timeMs * 1000) }];
      return rows.map((one) => row.parse(one));
    },
  };
  return { mysql } as unknown as Target;
}

type Load = Reading<Awaited<ReturnType<typeof mysqlLoad.read>>>;

async function readings(...servers: readonly Server[]) {
  let reading: Load | undefined;
  for (const server of servers)
    reading = await readOnce<typeof reading extends Reading<infer T> | undefined ? T : never>({
      probe: mysqlLoad,
      target: targetOf(server),
      before: reading,
    });
  if (reading?.status !== 'ok') throw new Error('unknown');
  return reading.value;
}

const first = { uptime: 100, timeMs: 1_000_000, questions: 4_000 };
const later = (seconds: number, change: Partial<Server> = {}): Server => ({
  uptime: 100 + seconds,
  timeMs: 1_000_000 + seconds * 1_000,
  questions: 4_000 + seconds * 1_000,
  ...change,
});

test('rates come from two readings of one run', async () => {
  expect((await readings(first)).rates).toBeUndefined();
  expect((await readings(first, later(2))).rates).toMatchObject({
    known: true,
    value: { queriesPerSecond: 1_000, commitsPerSecond: 250, bufferPoolHitRatio: 0.99 },
  });
});

test('a restart or reset counters make them unknown, never negative', async () => {
  expect((await readings(first, { uptime: 1, timeMs: 1_002_000, questions: 9_000 })).rates).toEqual(
    unknownPart('the server was started again'),
  );
  expect((await readings(first, later(2, { uuid: 'b' }))).rates).toEqual(unknownPart('the server was started again'));
  expect((await readings(first, later(2, { questions: 10 }))).rates).toEqual(unknownPart('the counters were reset'));
});

describe('findings', () => {
  const keys = async (...servers: readonly Server[]) =>
    mysqlLoad.judge(await readings(...servers)).map(({ key, severity }) => `${key} ${severity}`);

  test('a busy server is silent', async () => {
    expect(await keys(first, later(1, { connected: 89, running: 63, history: 400_000 }))).toEqual([]);
  });

  test('connections nearly used up, used up, refused', async () => {
    expect(await keys(first, later(1, { connected: 90 }))).toEqual(['load.connections warning']);
    expect(await keys(first, later(1, { connected: 98 }))).toEqual(['load.connections critical']);
    expect(await keys(first, later(1, { refused: 3 }))).toEqual(['load.connections critical']);
    // Refused before anybody looked: nothing that happens now.
    expect(await keys({ ...first, refused: 3 }, later(1, { refused: 3 }))).toEqual([]);
  });

  test('many running statements only when they stay many', async () => {
    const high = (seconds: number) => later(seconds, { running: 80 });
    expect(await keys(first, high(1), high(5))).toEqual([]);
    expect(await keys(first, high(1), high(5), high(11))).toEqual(['load.running warning']);
    expect(await keys(first, high(1), high(5), later(6), high(11))).toEqual([]);
  });

  test('a long history list only while it grows', async () => {
    const long = (seconds: number, history: number) => later(seconds, { history });
    expect(await keys(long(0, 500_000), long(31, 600_000))).toEqual(['load.history warning']);
    expect(await keys(long(0, 700_000), long(31, 600_000))).toEqual([]);
    expect(await keys(long(0, 500_000), long(5, 600_000))).toEqual([]);
  });
});

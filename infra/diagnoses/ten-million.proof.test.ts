import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { scopeOf } from '../contract/scope.ts';
import { type Connection, mysqlConnection, mysqlPool, type Pool } from '../mysql/pool.ts';
import { packageRoot } from '../package-root.ts';
import { isAlive, spawnDaemon, terminate, usageOf } from '../process.ts';
import { prepareScope } from '../scope/prepare.ts';
import { doubleEffect, loseEvent, plantMillions } from '../testing/plant-millions.ts';

/** Ten millions take minutes to plant, and about 10 GB until the end. */
const legs = Number(process.env.LABCTL_PROOF_ROWS ?? 10_000_000);
const accounts = 2_000;
const writers = 4;
const writerPauseMs = 10;
const calmMs = 20_000;

const keyOf = (n: number): string => `p-${String(n).padStart(9, '0')}:${(n % accounts) + 1}`;
const accountOf = (n: number): number => (n % accounts) + 1;
/** Spread over the table, its first and last rows among them; each on an account of its own. */
const doubled = [0, 1, 2, 3, 4, 5, 6]
  .map((part) => Math.floor((part * (legs - 1)) / 6))
  .map((n, part) => (part === 6 ? n : n + part));
const lost = [1, 2, 3, 4, 5].map((part) => Math.floor((part * legs) / 6) - 100 + part);

/** Small transfers on accounts that nobody else uses, as a busy writer makes them: how long each took, in ms. */
async function write(pool: Pool, until: () => boolean, id: number): Promise<readonly number[]> {
  const took: number[] = [];
  const account = 1_000_000 + id;
  await pool.query('INSERT IGNORE INTO account (account_id) VALUES (?)', [account]);
  while (!until()) {
    const startMs = systemClock.monotonic();
    const connection = await pool.getConnection();
    try {
      const tx = `w-${id}-${systemClock.now()}-${took.length}`;
      await connection.beginTransaction();
      await connection.query(
        'UPDATE account SET balance = balance + 1, account_seq = account_seq + 1 WHERE account_id = ?',
        [account],
      );
      await connection.query(
        'INSERT INTO ledger_entry (tx_id, account_id, account_seq, delta) SELECT ?, account_id, account_seq, 1 FROM account WHERE account_id = ?',
        [tx, account],
      );
      await connection.query(
        "INSERT INTO outbox_event (event_id, dedup_key, event_type, account_id, payload) VALUES (UUID(), ?, 'BalanceChanged', ?, '{}')",
        [`${tx}:${account}`, account],
      );
      await connection.commit();
    } finally {
      connection.release();
    }
    took.push(systemClock.monotonic() - startMs);
    await systemClock.sleep(writerPauseMs);
  }
  return took;
}

const writeAll = async (pool: Pool, until: () => boolean): Promise<readonly number[]> =>
  (await Promise.all(Array.from({ length: writers }, (_, id) => write(pool, until, id)))).flat();

function percentile(took: readonly number[], percent: number): number {
  const sorted = [...took].sort((left, right) => left - right);
  return Math.round((sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? 0) * 10) / 10;
}

async function handlerReads(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>("SHOW GLOBAL STATUS LIKE 'Handler_read%'");
  return rows.reduce((sum, row) => sum + Number(row.Value), 0);
}

async function mysqlPid(connection: Connection): Promise<number> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT @@pid_file AS pid_file');
  return Number(readFileSync(String(row?.pid_file), 'utf8'));
}

interface Asked {
  readonly answer: {
    readonly status: string;
    readonly counts: Record<string, number>;
    readonly findings: readonly { key: string }[];
  };
  readonly figures: Readonly<Record<string, number>>;
}

/** The command itself, as an operator runs it, while the writers go on. */
async function ask(diagnosis: string, { connection, pool }: { connection: Connection; pool: Pool }): Promise<Asked> {
  const config = inject('config');
  const folder = mkdtempSync(join(tmpdir(), 'labctl-'));
  const logFile = join(folder, 'answer');
  const pid = await mysqlPid(connection);
  const [reads, cpu, startMs] = [await handlerReads(connection), usageOf(pid)?.cpuMs ?? 0, systemClock.monotonic()];
  const env = { ...process.env, LABCTL_STATE_DIR: config.stateDir, LABCTL_PORT_OFFSET: String(config.portOffset) };
  const command = await spawnDaemon(join(packageRoot, 'bin', 'labctl'), ['diagnose', diagnosis, '--json'], {
    logFile,
    env,
  });
  try {
    let [over, rssKb] = [false, 0];
    const writing = writeAll(pool, () => over);
    while (await isAlive(command)) {
      rssKb = Math.max(rssKb, peakKb(command.pid));
      await systemClock.sleep(50);
    }
    const seconds = (systemClock.monotonic() - startMs) / 1_000;
    over = true;
    const took = await writing;
    const readsPerSecond = ((await handlerReads(connection)) - reads) / seconds;
    const cpuPercent = (((usageOf(pid)?.cpuMs ?? 0) - cpu) / (seconds * 1_000)) * 100;
    const output = readFileSync(logFile, 'utf8');
    const answer: Asked['answer'] = JSON.parse(output.slice(output.search(/^\{/m)));
    return {
      answer,
      figures: {
        seconds: Math.round(seconds * 10) / 10,
        rssMb: Math.round(rssKb / 1024),
        writes: took.length,
        writeP99Ms: percentile(took, 99),
        handlerReadsPerSecond: Math.round(readsPerSecond),
        mysqlCpuPercent: Math.round(cpuPercent),
      },
    };
  } finally {
    await terminate(command, 2_000);
    rmSync(folder, { recursive: true });
  }
}

function peakKb(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}

/** The command asks the lab itself, so the rows go into the private stack's own lab database, made anew before and after. */
async function emptyLab(): Promise<{ readonly connection: Connection; readonly pool: Pool }> {
  const endpoints = inject('endpoints');
  const scope = scopeOf('');
  const server = await mysqlConnection({ endpoint: endpoints.mysql });
  const drop = () => server.query(`DROP DATABASE IF EXISTS \`${scope.database}\``);
  await drop();
  await prepareScope(endpoints, scope);
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scope.database });
  const pool = mysqlPool({ endpoint: endpoints.mysql, database: scope.database, connections: writers });
  onTestFinished(async () => {
    await Promise.allSettled([connection.end(), pool.end()]);
    await drop();
    await server.end();
  });
  return { connection, pool };
}

test(`${legs.toLocaleString('en-US')} ledger rows, 7 doubled and 5 lost among them`, {
  timeout: 120 * 60_000,
}, async ({ annotate }) => {
  const lab = await emptyLab();
  const startMs = systemClock.monotonic();
  await plantMillions(lab.connection, { legs, accounts, onProgress: () => {} });
  for (const n of doubled) await doubleEffect(lab.connection, keyOf(n));
  for (const n of lost) await loseEvent(lab.connection, keyOf(n));
  const plantedSeconds = Math.round((systemClock.monotonic() - startMs) / 1_000);

  const calmUntil = systemClock.monotonic() + calmMs;
  const calm = await writeAll(lab.pool, () => systemClock.monotonic() > calmUntil);
  const duplicates = await ask('duplicates', lab);
  const projection = await ask('projection', lab);
  const loss = await ask('loss', lab);
  await annotate(
    [
      `${legs} legs planted in ${plantedSeconds} s; writers alone: ${calm.length} writes, p99 ${percentile(calm, 99)} ms`,
      `duplicates ${JSON.stringify(duplicates.figures)}`,
      `projection ${JSON.stringify(projection.figures)}`,
      `loss ${JSON.stringify(loss.figures)} ${JSON.stringify(loss.answer.counts)}`,
    ].join('\n'),
  );
  const keysOf = ({ answer }: Asked): readonly string[] => answer.findings.map(({ key }) => key).sort();
  expect(keysOf(duplicates)).toEqual(doubled.map((n) => `doubled.${keyOf(n)}`).sort());
  expect(duplicates.answer.counts).toMatchObject({ effects: legs + 7 - 5, doubled: 7, overcounted: 0 });
  expect(keysOf(projection)).toEqual(
    [...doubled.map((n) => `doubled.${accountOf(n)}`), ...lost.map((n) => `missing.${accountOf(n)}`)].sort(),
  );
  expect(loss.answer.counts).toMatchObject({ lostBeforeKafka: 5 });
  expect(loss.answer.findings).toHaveLength(5);
  for (const { figures } of [duplicates, projection, loss]) expect(figures.rssMb).toBeLessThan(400);
});

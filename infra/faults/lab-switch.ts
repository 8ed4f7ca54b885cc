import type { ResultSetHeader } from 'mysql2/promise';
import { z } from 'zod';
import { within } from '../clock.ts';
import { scopeOf } from '../contract/scope.ts';
import { RefusedError } from '../errors.ts';
import { type Connection, errnoOf, mysqlConnection, mysqlError } from '../mysql/pool.ts';
import type { FaultLab } from './fault.ts';

/**
 * Faults that live in a worker are rows that workers read once a second. A row runs out with its lease by the database's
 * own clock, so it also ends when nobody is left to remove it.
 */

/** The scope whose workers are meant; empty for the lab itself. */
export const scopeParameter = { scope: z.string() };

const timeoutMs = 8_000;

export const switchClaim = (scope: string, name: string): string => `switch:${scope}/${name}`;

/** @throws RefusedError when somebody has set it; EngineError when MySQL refuses. */
export async function setSwitch(
  lab: FaultLab,
  { scope, name, value, forMs }: { scope: string; name: string; value: string; forMs: number },
): Promise<void> {
  await withConnection(lab, scope, async (connection) => {
    await connection.query('DELETE FROM lab_switch WHERE name = ? AND expires_at <= NOW(6)', [name]);
    try {
      await connection.query(
        'INSERT INTO lab_switch (name, value, expires_at) VALUES (?, ?, NOW(6) + INTERVAL ? MICROSECOND)',
        [name, value, Math.round(forMs * 1_000)],
      );
    } catch (error) {
      if (errnoOf(error) === 1062) throw alreadySet(name);
      throw error;
    }
  });
}

/** Returns when the row is gone. A scope that was removed meanwhile has none. @throws EngineError */
export async function removeSwitch(lab: FaultLab, { scope, name }: { scope: string; name: string }): Promise<void> {
  try {
    await withConnection(lab, scope, (connection) =>
      connection.query<ResultSetHeader>('DELETE FROM lab_switch WHERE name = ?', [name]),
    );
  } catch (error) {
    // No such database, no such table.
    if (![1049, 1146].includes(Number((error as { code?: unknown }).code))) throw error;
  }
}

async function withConnection(
  { endpoints, clock }: FaultLab,
  scope: string,
  work: (connection: Connection) => Promise<unknown>,
): Promise<void> {
  const endpoint = endpoints.mysql;
  let connection: Connection | undefined;
  const connected = mysqlConnection({ endpoint, database: scopeOf(scope).database, owner: 'fault' });
  try {
    connection = await within('connecting to MySQL', timeoutMs, connected, clock);
    await within('the switch', timeoutMs, work(connection), clock);
  } catch (error) {
    throw error instanceof RefusedError ? error : mysqlError(error, endpoint);
  } finally {
    connection?.destroy();
  }
}

function alreadySet(name: string): RefusedError {
  return new RefusedError(
    { ko: `스위치 ${name}은(는) 이미 켜져 있습니다`, en: `the switch ${name} is set already` },
    {
      why: { ko: '장애 리스 없이 직접 넣은 행입니다', en: 'somebody put the row there without a lease' },
      tryThis: [`DELETE FROM lab_switch WHERE name = '${name}'`],
    },
  );
}

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { inject, onTestFinished } from 'vitest';
import type { Scope } from '../../../infra/contract/scope.ts';
import { mysqlPool, type Pool } from '../../../infra/mysql/pool.ts';
import { seedAccounts } from '../../../infra/scope/accounts.ts';
import { freshScope } from '../../../infra/testing/fresh-scope.ts';
import { type JournalEntry, journalEntry } from '../../protocol/journal.ts';
import { type Pipeline, type SupervisorEvent, startPipeline, type WorkerSpec } from '../pipeline.ts';

/** A scope with accounts, and pipelines in it, for tests on real engines; all of it is gone when the test ends. */
export interface Laboratory {
  readonly scope: Scope;
  readonly pool: Pool;
  readonly folder: string;
  readonly events: readonly SupervisorEvent[];
  /** Starts the workers and returns when each is ready. */
  run(specs: readonly WorkerSpec[]): Promise<Pipeline>;
  /** One row of counts, as numbers. */
  counts<Name extends string>(sql: string): Promise<Readonly<Record<Name, number>>>;
  /** What the workers wrote down so far; a line that is still being written is left out. */
  journal(): readonly JournalEntry[];
}

export const labAccounts = { firstAccount: 1, accounts: 50 } as const;

export async function laboratory(): Promise<Laboratory> {
  const endpoints = inject('endpoints');
  const scope = await freshScope(endpoints);
  await seedAccounts(endpoints, scope, { first: labAccounts.firstAccount, count: labAccounts.accounts });
  const pool = mysqlPool({ endpoint: endpoints.mysql, database: scope.database, connections: 2 });
  onTestFinished(() => pool.end());
  const folder = mkdtempSync(join(tmpdir(), 'labctl-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const journalDir = join(folder, 'journal');
  const events: SupervisorEvent[] = [];
  return {
    scope,
    pool,
    folder,
    events,
    async run(specs) {
      const onEvent = (event: SupervisorEvent) => void events.push(event);
      const pipeline = await startPipeline(specs, {
        scope: scope.name,
        endpoints,
        logDir: folder,
        journalDir,
        onEvent,
      });
      onTestFinished(() => pipeline.stop());
      await pipeline.ready(90_000);
      return pipeline;
    },
    async counts<Name extends string>(sql: string) {
      const [rows] = await pool.query<RowDataPacket[]>(sql);
      const numbers = Object.entries(rows[0] ?? {}).map(([name, value]) => [name, Number(value)]);
      return Object.fromEntries(numbers) as Record<Name, number>;
    },
    journal: () =>
      readdirSync(journalDir).flatMap((file) =>
        readFileSync(join(journalDir, file), 'utf8').split('\n').flatMap(parsedEntry),
      ),
  };
}

function parsedEntry(line: string): readonly JournalEntry[] {
  try {
    return [journalEntry.parse(JSON.parse(line))];
  } catch {
    return [];
  }
}

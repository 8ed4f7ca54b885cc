import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { inject, onTestFinished } from 'vitest';
import { systemClock, waitFor, within } from '../../clock.ts';
import { scopeOf } from '../../contract/scope.ts';
import { KafkaReader } from '../../kafka/reader.ts';
import { mysqlConnection } from '../../mysql/pool.ts';
import { packageRoot } from '../../package-root.ts';
import { isAlive, type ProcessIdentity, spawnDaemon, terminate } from '../../process.ts';
import { connectRedis, redisClient } from '../../redis/client.ts';
import { brokerIds, type NodeName, type NodeStatus } from '../../stack/stack.ts';
import type { Fault } from '../fault.ts';
import { storeOf } from '../healing.ts';
import { faultLab } from '../lab.ts';

/** The private stack as the tests of faults see it: asked through the engines' own protocols, never through a lease. */

export const lab = await faultLab(inject('config'), process.env);
const endpoints = inject('endpoints');
export const store = storeOf(lab);
export const scope = '';

export const stateOf = async (node: NodeName): Promise<NodeStatus['state'] | undefined> =>
  (await lab.stack.status()).find((status) => status.node === node)?.state;

/** As the broker itself sees it: the others may still tell the ISR of a moment ago. */
export async function isInSync(node: keyof typeof brokerIds): Promise<boolean> {
  const { host, port } = lab.stack.endpoint(node);
  const broker = brokerIds[node];
  const reader = new KafkaReader([`${host}:${port}`]);
  try {
    const { topics } = await reader.metadata(null);
    const held = topics.flatMap(({ partitions }) => partitions.filter(({ replicas }) => replicas.includes(broker)));
    return held.length > 0 && held.every(({ isr }) => isr.includes(broker));
  } catch {
    return false;
  } finally {
    await reader.close();
  }
}

export async function mysqlAnswers(endpoint = endpoints.mysql): Promise<boolean> {
  const connecting = mysqlConnection({ endpoint });
  try {
    await within('MySQL', 1_500, connecting);
    return true;
  } catch {
    return false;
  } finally {
    connecting.then((connection) => connection.destroy()).catch(() => {});
  }
}

const proxied = (): typeof endpoints.mysql => ({ ...endpoints.mysql, ...lab.stack.endpoint('mysql-proxy') });

export const mysqlAnswersThroughProxy = (): Promise<boolean> => mysqlAnswers(proxied());

/** One round trip on a connection that is there already. */
export async function msThroughProxy(): Promise<number> {
  const connection = await within('MySQL', 10_000, mysqlConnection({ endpoint: proxied() }));
  try {
    const startMs = systemClock.monotonic();
    await within('MySQL', 10_000, connection.query('SELECT 1'));
    return systemClock.monotonic() - startMs;
  } finally {
    connection.destroy();
  }
}

export async function redisAnswers(): Promise<boolean> {
  const client = redisClient(endpoints.redis, 'test');
  try {
    await connectRedis(client);
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

export async function registryAnswers(): Promise<boolean> {
  try {
    return (await fetch(`${endpoints.registry}/subjects`, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function switches(): Promise<readonly { readonly name: string; readonly value: string }[]> {
  const connection = await mysqlConnection({ endpoint: endpoints.mysql, database: scopeOf(scope).database });
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT name, value FROM lab_switch WHERE expires_at > NOW(6)',
    );
    return rows.map(({ name, value }) => ({ name, value }));
  } finally {
    connection.destroy();
  }
}

export async function switchedOff(): Promise<boolean> {
  return (await switches()).length === 0;
}

export interface Runner {
  readonly process: ProcessIdentity;
  readonly leaseId: string;
}

type Owner = 'self' | 'nobody';

interface StartedRunner {
  readonly process: ProcessIdentity;
  /** Its lease's id, when the fault is injected; undefined before. */
  injected(): string | undefined;
  output(): string;
}

/** A process of its own that is about to inject the fault. Ended after the test. */
export async function startRunner(fault: Fault, forMs: number, owner: Owner = 'self'): Promise<StartedRunner> {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-runner-'));
  const readyFile = join(folder, 'ready');
  const output = join(folder, 'out');
  const { kind, parameters } = fault;
  const runner = await spawnDaemon(process.execPath, [join(packageRoot, 'infra/faults/testing/runner.ts')], {
    logFile: output,
    env: {
      ...process.env,
      LABCTL_STATE_DIR: lab.config.stateDir,
      LABCTL_PORT_OFFSET: String(lab.config.portOffset),
      FAULT_RUNNER: JSON.stringify({ kind, parameters, forMs, owner, readyFile }),
    },
  });
  onTestFinished(async () => {
    await terminate(runner, 0);
    rmSync(folder, { recursive: true });
  });
  return { process: runner, injected: () => readIfThere(readyFile), output: () => readIfThere(output) ?? '' };
}

/** Injects the fault from a process of its own, and returns when that is done. */
export async function runnerOf(fault: Fault, forMs: number, owner: Owner = 'self'): Promise<Runner> {
  const runner = await startRunner(fault, forMs, owner);
  const injected = async (): Promise<string | undefined> => {
    if (!(await isAlive(runner.process))) throw new Error(runner.output());
    return runner.injected();
  };
  const leaseId = await waitFor('the fault to be injected', injected, { timeoutMs: 40_000, intervalMs: 20 });
  return { process: runner.process, leaseId };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8') || undefined;
  } catch {
    return undefined;
  }
}

export async function isSet(name: string, value: string): Promise<boolean> {
  return (await switches()).some((row) => row.name === name && row.value === value);
}

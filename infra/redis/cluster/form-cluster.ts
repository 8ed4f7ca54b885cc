import type { Redis } from 'ioredis';
import { z } from 'zod';
import { waitFor } from '../../clock.ts';
import { EngineError, messageOf, TimeoutError } from '../../errors.ts';
import { connectRedis, redisClient } from '../client.ts';
import { type ClusterPlace, type ClusterStep, isSettled, nextSteps } from './cluster-plan.ts';
import { type ClusterView, parseView } from './cluster-view.ts';

/** Far more than the 2 to 4 s of a new cluster: an election, and a box that is busy with something else. */
const patienceMs = 45_000;
const roundMs = 100;
const commandTimeoutMs = 3_000;

export interface FormOptions {
  readonly signal: AbortSignal;
  /** Called before the nodes are emptied, because what they hold cannot become one cluster again. */
  readonly onReset: () => void;
  /** How long the nodes may take before they are emptied, and once more after it. */
  readonly settleTimeoutMs?: number;
}

/**
 * Makes the nodes, all of which answer, one cluster, and returns when every node says it is ok, all slots are served and
 * every replica is in step. One that is whole is only looked at; one that somebody was killed over is completed; what
 * cannot be repaired is emptied and made anew.
 * @throws EngineError when it does not come to rest; InterruptedError.
 */
export async function formCluster(places: readonly ClusterPlace[], options: FormOptions): Promise<void> {
  const { signal, onReset, settleTimeoutMs = patienceMs } = options;
  const settling = { places, signal, settleTimeoutMs };
  const clients = places.map((place) => redisClient(place, 'labctl.cluster', commandTimeoutMs));
  try {
    await Promise.all(clients.map(connectRedis));
    const first = await settle(clients, settling);
    if (first.settled) return;
    if (first.views === undefined) throw unsettled(first.reason, settleTimeoutMs);
    onReset();
    await Promise.all(clients.map(empty));
    const second = await settle(clients, settling);
    if (!second.settled) throw unsettled(second.reason, settleTimeoutMs);
  } finally {
    for (const client of clients) client.disconnect();
  }
}

type Outcome =
  | { readonly settled: true }
  /** `views` are missing where a node did not even answer: there is nothing to judge, and nothing to throw away. */
  | { readonly settled: false; readonly views: readonly ClusterView[] | undefined; readonly reason: string };

interface Settling {
  readonly places: readonly ClusterPlace[];
  readonly signal: AbortSignal;
  readonly settleTimeoutMs: number;
}

async function settle(clients: readonly Redis[], { places, signal, settleTimeoutMs }: Settling): Promise<Outcome> {
  let views: readonly ClusterView[] | undefined;
  let refusal: string | undefined;
  const round = async (): Promise<boolean> => {
    try {
      views = undefined;
      views = await Promise.all(clients.map(viewOf));
      if (isSettled(views, places)) return true;
      refusal = await take(nextSteps(views, places), clients);
    } catch (error) {
      refusal = messageOf(error);
    }
    return false;
  };
  try {
    await waitFor('the cluster to settle', round, { timeoutMs: settleTimeoutMs, intervalMs: roundMs, signal });
    return { settled: true };
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    return { settled: false, views, reason: refusal ?? stateOf(views ?? [], places) };
  }
}

async function viewOf(client: Redis): Promise<ClusterView> {
  const ask = async (...command: [string, string]): Promise<string> => z.string().parse(await client.call(...command));
  const [nodes, info, replication] = await Promise.all([
    ask('CLUSTER', 'NODES'),
    ask('CLUSTER', 'INFO'),
    ask('INFO', 'replication'),
  ]);
  return parseView(nodes, info, replication);
}

/** One after the other: a slot must have its owner before the meeting that tells of it. @returns the last refusal, which the next round may cure. */
async function take(steps: readonly ClusterStep[], clients: readonly Redis[]): Promise<string | undefined> {
  let refusal: string | undefined;
  for (const { node, command } of steps) {
    try {
      await clients[node]?.call('CLUSTER', ...command);
    } catch (error) {
      refusal = `CLUSTER ${command[0]}: ${messageOf(error)}`;
    }
  }
  return refusal;
}

/** A replica refuses FLUSHALL, and is emptied by the reset; a master with keys refuses the reset, and is flushed. */
async function empty(client: Redis): Promise<void> {
  await client.flushall().catch(() => {});
  await client.call('CLUSTER', 'RESET', 'HARD').catch(() => {});
}

function stateOf(views: readonly ClusterView[], places: readonly ClusterPlace[]): string {
  const said = views.map(({ self, isOk, members }, index) => {
    const role = self.flags.includes('master') ? 'master' : 'replica';
    return `${places[index]?.port} ${role} ${isOk ? 'ok' : 'not ok'}, knows ${members.length}`;
  });
  return said.join('; ');
}

function unsettled(reason: string, settleTimeoutMs: number): EngineError {
  return new EngineError(
    'redis',
    {
      ko: `Redis Cluster가 ${settleTimeoutMs / 1000}초 안에 온전해지지 않았습니다`,
      en: `the Redis Cluster did not become whole within ${settleTimeoutMs / 1000} s`,
    },
    { why: reason, tryThis: ['labctl status', 'labctl logs redis-cluster-1', 'labctl up redis-cluster'] },
  );
}

import { z } from 'zod';
import { waitFor } from '../clock.ts';
import { EngineError, RefusedError, TimeoutError } from '../errors.ts';
import { KafkaReader } from '../kafka/reader.ts';
import { allNodeNames, brokerIds, type NodeName, type NodeStatus } from '../stack/stack.ts';
import type { FaultLab } from './fault.ts';
import type { FaultLease } from './lease.ts';

/** What the faults of nodes have in common: who may be hit, and what it takes until a node serves again. */

export const nodeParameters = z.object({ node: z.enum(allNodeNames) });

export const claimOf = (node: NodeName): string => `node:${node}`;

const startTimeoutMs = 2 * 60_000;
const inSyncTimeoutMs = 60_000;

/** @throws RefusedError unless the node runs, as a process of this very lab. */
export async function requireRunning(node: NodeName, { stack }: FaultLab): Promise<void> {
  const state = await stateOf(node, stack);
  if (state === 'running') return;
  throw new RefusedError(
    { ko: `${node}은(는) 실행 중이 아닙니다 (${state})`, en: `${node} does not run (${state})` },
    { tryThis: ['labctl status', 'labctl up'] },
  );
}

/**
 * Resumes or starts the node, whatever was done to it, until it answers its own protocol, and a broker until it is in
 * sync with every partition it holds. @throws EngineError when it does not get there.
 */
export async function bringBack(node: NodeName, lab: FaultLab, signal: AbortSignal): Promise<void> {
  await lab.stack.resume(node);
  if (isBroker(node)) await requireController(node, lab);
  await lab.stack.start(node, AbortSignal.any([signal, AbortSignal.timeout(startTimeoutMs)]));
  if (isBroker(node)) await waitUntilInSync(node, lab, signal);
}

/**
 * After an orderly stop. One whose injector died at it may still be going on: a broker answers for seconds while it hands
 * its leaderships over, and would be taken for well. So it is brought to its end first.
 */
export async function bringBackStopped(
  node: NodeName,
  lab: FaultLab,
  phase: FaultLease['phase'],
  signal: AbortSignal,
): Promise<void> {
  if (phase === 'breaking') await lab.stack.stop(node, signal);
  await bringBack(node, lab, signal);
}

type BrokerName = keyof typeof brokerIds;
const isBroker = (node: NodeName): node is BrokerName => node in brokerIds;

/** Without it a broker's start would only wait, and hold the stack's lock that the controller's own start needs. */
async function requireController(node: NodeName, { stack }: FaultLab): Promise<void> {
  const controller = 'kafka-controller';
  const state = await stateOf(controller, stack);
  if (state === 'running') return;
  throw new EngineError(
    'kafka',
    {
      ko: `${controller}이(가) 없어 ${node}을(를) 되살릴 수 없습니다 (${state})`,
      en: `${node} cannot come back without ${controller} (${state})`,
    },
    { tryThis: ['labctl up'] },
  );
}

async function stateOf(node: NodeName, stack: FaultLab['stack']): Promise<NodeStatus['state']> {
  return (await stack.status()).find((status) => status.node === node)?.state ?? 'stopped';
}

/**
 * Asks the broker itself: it serves only when it has caught up with the controller, which had dropped it from every ISR,
 * while the others may still tell the ISR of a moment ago. Right after SIGCONT it may tell what it knew before: so
 * another one that runs has to say the same, where there is one.
 */
async function waitUntilInSync(node: BrokerName, lab: FaultLab, signal: AbortSignal): Promise<void> {
  const { stack, clock } = lab;
  const broker = brokerIds[node];
  const running = new Set((await stack.status()).flatMap((one) => (one.state === 'running' ? [one.node] : [])));
  const witnesses = (Object.keys(brokerIds) as BrokerName[]).filter((name) => name !== node && running.has(name));
  let behind: readonly string[] = ['?'];
  const inSync = async (): Promise<boolean> => {
    try {
      for (const asked of [node, ...witnesses.slice(0, 1)]) {
        behind = await behindOf(broker, asked, lab);
        if (behind.length > 0) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof EngineError) return false;
      throw error;
    }
  };
  try {
    const bounds = { timeoutMs: inSyncTimeoutMs, intervalMs: 100, clock, signal };
    await waitFor('the broker to be in sync', inSync, bounds);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    const some = behind.slice(0, 3).join(', ');
    throw new EngineError('kafka', {
      ko: `브로커 ${broker}이(가) ISR로 돌아오지 않았습니다: ${behind.length}개 파티션 (${some})`,
      en: `broker ${broker} is not back in the ISR of ${behind.length} partitions (${some})`,
    });
  }
}

/**
 * The partitions that the broker holds without being in their ISR, as `asked` sees it. By a reader of its own each time:
 * one that knows the other brokers would ask those where this one fails.
 */
async function behindOf(
  broker: number,
  asked: BrokerName,
  { stack, clock }: Pick<FaultLab, 'stack' | 'clock'>,
): Promise<readonly string[]> {
  const { host, port } = stack.endpoint(asked);
  const reader = new KafkaReader([`${host}:${port}`], clock);
  try {
    const { topics } = await reader.metadata(null);
    return topics.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ replicas, isr }) => replicas.includes(broker) && !isr.includes(broker))
        .map(({ partition }) => `${topic}/${partition}`),
    );
  } finally {
    await reader.close();
  }
}

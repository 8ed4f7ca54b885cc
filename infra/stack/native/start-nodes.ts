import { existsSync } from 'node:fs';
import { waitFor } from '../../clock.ts';
import { EngineError } from '../../errors.ts';
import { clusterIsWhole } from '../answers.ts';
import { labEndpoints } from '../endpoints.ts';
import { onDemandEngineOf } from '../on-demand.ts';
import { type NodeName, nodeNames } from '../stack.ts';
import { requireFreePorts } from './busy-ports.ts';
import { ensureAnswers, ensureLaunched, ensureNode, type UpContext } from './ensure-node.ts';
import { complete, type Engines, findEngines } from './fetch/engines.ts';
import { fetchEngines } from './fetch/fetch-engines.ts';
import { removeDoomed } from './layout.ts';
import { allNodes, type NodeSet } from './nodes/all-nodes.ts';
import type { NativeNode } from './nodes/native-node.ts';
import { inParallel } from './parallel.ts';
import { diskRoom, requireDisk, requireMemory } from './room.ts';
import { startOneOnDemand } from './start-on-demand.ts';
import { finishStopping } from './stop-nodes.ts';
import { type LivingNodes, surveyNodes } from './survey.ts';

/**
 * Brings every node of `nodeNames` up. What runs is left alone, what died is started, what an interrupted `up` left half made is made
 * again. The caller holds the stack's lock.
 * @throws EngineError naming what stands in the way; InterruptedError. Nodes started by then keep running.
 */
export async function startNodes(context: UpContext): Promise<void> {
  const { config, layout, ports, signal, onEvent } = context;
  removeDoomed(layout);
  const living = await finishStopping(layout, await surveyNodes(layout), onEvent);
  const missing = nodeNames.filter((node) => !living.has(node));
  const found = await findEngines(config, context.env, signal);
  if (missing.length > 0) {
    await requireFreePorts(missing, ports);
    const firstData = !existsSync(layout.dataDir('mysql'));
    requireDisk(await diskRoom(config, { fetching: complete(found) === undefined ? 'all' : 'nothing', firstData }));
    requireMemory(missing);
  }
  const engines = complete(found) ?? (await fetchEngines(context));
  await ensureAll(nodesOf(engines, context), living, context);
  await waitFor('three brokers that know each other', () => clusterIsWhole(ports).catch(() => false), {
    timeoutMs: 30_000,
    signal,
  });
}

/** Side by side; but brokers that look for their controller take the CPU from everybody: it is launched before them. */
async function ensureAll(nodes: NodeSet, living: LivingNodes, context: UpContext): Promise<void> {
  const ensure = (node: NativeNode) => (signal: AbortSignal) => ensureNode(node, living, { ...context, signal });
  const ensureKafka = async (signal: AbortSignal): Promise<void> => {
    const controller = await ensureLaunched(nodes.controller, living, { ...context, signal });
    await inParallel(signal, [
      (stop) => ensureAnswers(nodes.controller, controller, { ...context, signal: stop }),
      ...nodes.brokers.map(ensure),
    ]);
  };
  await inParallel(context.signal, [ensureKafka, ...nodes.independent.map(ensure)]);
}

/** Starts one node unless it runs, and waits until it answers. @throws EngineError where nothing was fetched yet. */
export async function startOne(name: NodeName, context: UpContext): Promise<void> {
  const onDemand = onDemandEngineOf(name);
  if (onDemand !== undefined) return startOneOnDemand(name, onDemand, context);
  const { config, layout, ports, env, signal, onEvent } = context;
  removeDoomed(layout);
  const living = await finishStopping(layout, await surveyNodes(layout), onEvent);
  if (!living.has(name)) await requireFreePorts([name], ports);
  const engines = complete(await findEngines(config, env, signal));
  if (engines === undefined) throw notFetched(name);
  const { controller, brokers, independent } = nodesOf(engines, context);
  const node = [controller, ...brokers, ...independent].find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  await ensureNode(node, living, context);
}

function nodesOf(engines: Engines, { config, layout, ports }: UpContext): NodeSet {
  return allNodes({ layout, ports, engines, endpoints: labEndpoints(config.portOffset) });
}

function notFetched(name: NodeName): EngineError {
  return new EngineError(
    'machine',
    { ko: `${name}을(를) 시작할 엔진이 아직 없습니다`, en: `the engines that ${name} needs were not fetched yet` },
    { tryThis: ['labctl up'] },
  );
}

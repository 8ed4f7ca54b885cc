import { existsSync } from 'node:fs';
import { waitFor } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { EngineError, InterruptedError } from '../../errors.ts';
import type { ProcessIdentity } from '../../process.ts';
import { labEndpoints } from '../endpoints.ts';
import type { Ports } from '../ports.ts';
import { type NodeName, nodeNames, type OnStackEvent } from '../stack.ts';
import { requireFreePorts } from './busy-ports.ts';
import { complete, type Engines, findEngines } from './fetch/engines.ts';
import { fetchEngines } from './fetch/fetch-engines.ts';
import { type Layout, removeDoomed } from './layout.ts';
import { allNodes, type NodeSet } from './nodes/all-nodes.ts';
import { clusterIsWhole } from './nodes/kafka-nodes.ts';
import type { NativeNode } from './nodes/native-node.ts';
import { inParallel } from './parallel.ts';
import { diskRoom, requireDisk, requireMemory } from './room.ts';
import { launchNode, waitUntilAnswers } from './start-node.ts';
import { finishStopping } from './stop-nodes.ts';
import { type LivingNodes, surveyNodes } from './survey.ts';

export interface UpContext {
  readonly config: Config;
  readonly layout: Layout;
  readonly ports: Ports;
  readonly env: NodeJS.ProcessEnv;
  readonly onEvent: OnStackEvent;
  readonly signal: AbortSignal;
}

/**
 * Brings every node up. What runs is left alone, what died is started, what an interrupted `up` left half made is made
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
    requireDisk(await diskRoom(config, { fetching: complete(found) === undefined, firstData }));
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
  const ensure = (node: NativeNode) => async (signal: AbortSignal) => {
    const bounded = { ...context, signal };
    await ensureAnswers(node, await ensureLaunched(node, living, bounded), bounded);
  };
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
  const { config, layout, ports, env, signal, onEvent } = context;
  removeDoomed(layout);
  const living = await finishStopping(layout, await surveyNodes(layout), onEvent);
  if (!living.has(name)) await requireFreePorts([name], ports);
  const engines = complete(await findEngines(config, env, signal));
  if (engines === undefined) throw notFetched(name);
  const { controller, brokers, independent } = nodesOf(engines, context);
  const node = [controller, ...brokers, ...independent].find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  await ensureAnswers(node, await ensureLaunched(node, living, context), context);
}

function nodesOf(engines: Engines, { config, layout, ports }: UpContext): NodeSet {
  return allNodes({ layout, ports, engines, endpoints: labEndpoints(config.portOffset) });
}

interface Launched {
  readonly process: ProcessIdentity;
  readonly isNew: boolean;
}

async function ensureLaunched(node: NativeNode, living: LivingNodes, context: UpContext): Promise<Launched> {
  const running = living.get(node.name);
  if (running !== undefined) return { process: running, isNew: false };
  if (context.signal.aborted) throw new InterruptedError();
  context.onEvent({ kind: 'node', node: node.name, phase: 'starting', note: node.version });
  return { process: await launchNode(node, context.layout, context.signal), isNew: true };
}

async function ensureAnswers(node: NativeNode, { process, isNew }: Launched, context: UpContext): Promise<void> {
  const { layout, ports, onEvent, signal } = context;
  const waitedMs = await waitUntilAnswers(node, process, layout, signal);
  const where = `${node.version}, 127.0.0.1:${ports[node.name]}`;
  const note = isNew ? `${where}, ${(waitedMs / 1000).toFixed(1)} s` : where;
  onEvent({ kind: 'node', node: node.name, phase: 'ready', note });
}

function notFetched(name: NodeName): EngineError {
  return new EngineError(
    'machine',
    { ko: `${name}을(를) 시작할 엔진이 아직 없습니다`, en: `the engines that ${name} needs were not fetched yet` },
    { tryThis: ['labctl up'] },
  );
}

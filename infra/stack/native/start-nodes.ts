import { existsSync } from 'node:fs';
import { waitFor } from '../../clock.ts';
import type { Config } from '../../config.ts';
import { EngineError } from '../../errors.ts';
import { labEndpoints } from '../endpoints.ts';
import type { Ports } from '../ports.ts';
import { type NodeName, nodeNames, type OnStackEvent } from '../stack.ts';
import { complete, type Engines, findEngines } from './fetch/engines.ts';
import { fetchEngines } from './fetch/fetch-engines.ts';
import type { Layout } from './layout.ts';
import { allNodes } from './nodes/all-nodes.ts';
import { clusterIsWhole } from './nodes/kafka-nodes.ts';
import type { NativeNode } from './nodes/native-node.ts';
import { inParallel } from './parallel.ts';
import { diskRoom, requireDisk, requireMemory } from './room.ts';
import { launchNode, waitUntilAnswers } from './start-node.ts';
import { type LivingNodes, requireFreePorts, surveyNodes } from './survey.ts';

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
  const { config, layout, ports, signal } = context;
  const living = await surveyNodes(layout);
  const missing = nodeNames.filter((node) => !living.has(node));
  const found = await findEngines(config, context.env, signal);
  if (missing.length > 0) {
    await requireFreePorts(missing, ports);
    const firstData = !existsSync(layout.dataDir('mysql'));
    requireDisk(await diskRoom(config, { fetching: complete(found) === undefined, firstData }));
    requireMemory(missing);
  }
  const engines = complete(found) ?? (await fetchEngines(context));
  const nodes = nodesOf(engines, context);
  await inParallel(
    signal,
    nodes.map((node) => (stop) => ensureNode(node, living, { ...context, signal: stop })),
  );
  await waitFor('three brokers that know each other', () => clusterIsWhole(ports).catch(() => false), {
    timeoutMs: 30_000,
    signal,
  });
}

/** Starts one node unless it runs, and waits until it answers. @throws EngineError where nothing was fetched yet. */
export async function startOne(name: NodeName, context: UpContext): Promise<void> {
  const { config, layout, ports, env, signal } = context;
  const living = await surveyNodes(layout);
  if (!living.has(name)) await requireFreePorts([name], ports);
  const engines = complete(await findEngines(config, env, signal));
  if (engines === undefined) throw notFetched(name);
  const node = nodesOf(engines, context).find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  await ensureNode(node, living, context);
}

function nodesOf(engines: Engines, { config, layout, ports }: UpContext): readonly NativeNode[] {
  return allNodes({ layout, ports, engines, endpoints: labEndpoints(config.portOffset) });
}

async function ensureNode(node: NativeNode, living: LivingNodes, context: UpContext): Promise<void> {
  const { layout, ports, onEvent, signal } = context;
  const running = living.get(node.name);
  if (running === undefined) onEvent({ kind: 'node', node: node.name, phase: 'starting', note: node.version });
  const process = running ?? (await launchNode(node, layout, signal));
  const waitedMs = await waitUntilAnswers(node, process, layout, signal);
  const seconds = `${(waitedMs / 1000).toFixed(1)} s`;
  const where = `${node.version}, 127.0.0.1:${ports[node.name]}`;
  const note = running === undefined ? `${where}, ${seconds}` : where;
  onEvent({ kind: 'node', node: node.name, phase: 'ready', note });
}

function notFetched(name: NodeName): EngineError {
  return new EngineError(
    'machine',
    { ko: `${name}을(를) 시작할 엔진이 아직 없습니다`, en: `the engines that ${name} needs were not fetched yet` },
    { tryThis: ['labctl up'] },
  );
}

import { terminate } from '../../process.ts';
import { onDemandEngineOf } from '../on-demand.ts';
import { allNodeNames, brokerIds, type CoreNode, type NodeName, type OnStackEvent } from '../stack.ts';
import { type Layout, removeDoomed, wipeLayout } from './layout.ts';
import { readRecord, removeRecord, writeRecord } from './node-record.ts';
import { onDemandNatives } from './nodes/on-demand-engines.ts';
import { type LivingNodes, surveyNodes } from './survey.ts';

/** What an orderly stop may take before SIGKILL. */
const graceMs: Readonly<Record<CoreNode, number>> = {
  mysql: 30_000,
  redis: 10_000,
  'kafka-controller': 10_000,
  'kafka-1': 15_000,
  'kafka-2': 15_000,
  'kafka-3': 15_000,
  'schema-registry': 10_000,
};
/** A broker whose controller is gone sits in its controlled shutdown for 5 minutes: there is nothing to wait for. */
const orphanGraceMs = 1_000;
/** Data that is thrown away need not be put in order first. */
const wipeGraceMs = 500;

/** Stops what runs, brokers before their controller. `wipe` deletes the data as well. The caller holds the lock. */
export async function stopNodes(
  layout: Layout,
  { wipe }: { readonly wipe: boolean },
  onEvent: OnStackEvent,
): Promise<void> {
  const living = await surveyNodes(layout);
  const first = allNodeNames.filter((node) => node !== 'kafka-controller');
  await Promise.all(first.map((node) => stopNode(node, { layout, living, wipe, onEvent })));
  await stopNode('kafka-controller', { layout, living, wipe, onEvent });
  if (wipe) wipeLayout(layout);
  else removeDoomed(layout);
}

/** Stops one node in order; one that does not run only loses its record. The caller holds the lock. */
export async function stopOne(layout: Layout, node: NodeName, onEvent: OnStackEvent): Promise<void> {
  await stopNode(node, { layout, living: await surveyNodes(layout), wipe: false, onEvent });
}

/**
 * Ends what a `down` had begun to stop before it was killed. The caller holds the lock.
 * @returns the living nodes that remain.
 */
export async function finishStopping(layout: Layout, living: LivingNodes, onEvent: OnStackEvent): Promise<LivingNodes> {
  const stopping = [...living.keys()].filter((node) => readRecord(layout, node)?.stopping === true);
  await Promise.all(stopping.map((node) => stopNode(node, { layout, living, wipe: false, onEvent })));
  return new Map([...living].filter(([node]) => !stopping.includes(node)));
}

interface StopContext {
  readonly layout: Layout;
  readonly living: LivingNodes;
  readonly wipe: boolean;
  readonly onEvent: OnStackEvent;
}

async function stopNode(node: NodeName, { layout, living, wipe, onEvent }: StopContext): Promise<void> {
  const process = living.get(node);
  if (process !== undefined) {
    onEvent({ kind: 'node', node, phase: 'stopping', note: `pid ${process.pid}` });
    // Whoever is killed now leaves a node that still answers and will be gone: the next one must know.
    const record = readRecord(layout, node);
    writeRecord(layout, node, { process, version: record?.version ?? 'unknown', stopping: true });
    const orphaned = node in brokerIds && !living.has('kafka-controller');
    await terminate(process, wipe ? wipeGraceMs : orphaned ? orphanGraceMs : graceMsOf(node));
    onEvent({ kind: 'node', node, phase: 'stopped', note: '' });
  }
  removeRecord(layout, node);
}

function graceMsOf(node: NodeName): number {
  const engine = onDemandEngineOf(node);
  return engine === undefined ? graceMs[node as CoreNode] : onDemandNatives[engine].graceMs;
}

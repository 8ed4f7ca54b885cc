import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { terminate } from '../../process.ts';
import { type NodeName, nodeNames, type OnStackEvent } from '../stack.ts';
import type { Layout } from './layout.ts';
import { removeRecord } from './node-record.ts';
import { type LivingNodes, surveyNodes } from './survey.ts';

/** What an orderly stop may take before SIGKILL. */
const graceMs: Readonly<Record<NodeName, number>> = {
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

/** Stops what runs, brokers before their controller. `wipe` deletes the data as well. The caller holds the lock. */
export async function stopNodes(
  layout: Layout,
  { wipe }: { readonly wipe: boolean },
  onEvent: OnStackEvent,
): Promise<void> {
  const living = await surveyNodes(layout);
  const first = nodeNames.filter((node) => node !== 'kafka-controller');
  await Promise.all(first.map((node) => stopNode(node, { layout, living, onEvent })));
  await stopNode('kafka-controller', { layout, living, onEvent });
  if (wipe)
    for (const folder of ['data', 'conf', 'tmp'])
      rmSync(join(layout.stackDir, folder), { recursive: true, force: true });
}

interface StopContext {
  readonly layout: Layout;
  readonly living: LivingNodes;
  readonly onEvent: OnStackEvent;
}

async function stopNode(node: NodeName, { layout, living, onEvent }: StopContext): Promise<void> {
  const process = living.get(node);
  if (process !== undefined) {
    onEvent({ kind: 'node', node, phase: 'stopping', note: `pid ${process.pid}` });
    const orphaned = node.startsWith('kafka-') && !living.has('kafka-controller');
    await terminate(process, orphaned ? orphanGraceMs : graceMs[node]);
    onEvent({ kind: 'node', node, phase: 'stopped', note: '' });
  }
  removeRecord(layout, node);
}

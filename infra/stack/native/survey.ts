import { isAlive, type ProcessIdentity, signalProcess } from '../../process.ts';
import { allNodeNames, type NodeName } from '../stack.ts';
import type { Layout } from './layout.ts';
import { findMarked } from './node-mark.ts';
import { readRecord, writeRecord } from './node-record.ts';

export type LivingNodes = ReadonlyMap<NodeName, ProcessIdentity>;

/**
 * Nodes whose process lives. One that runs without a record (its starter was killed before writing it) gets one; a tool
 * whose starter was killed is ended, as a mysqld that initializes a folder that is gone never ends by itself.
 * The caller holds the stack's lock.
 */
export async function surveyNodes(layout: Layout): Promise<LivingNodes> {
  const living = new Map<NodeName, ProcessIdentity>();
  for (const node of allNodeNames) {
    const record = readRecord(layout, node);
    if (record !== undefined && (await isAlive(record.process))) living.set(node, record.process);
  }
  if (living.size === allNodeNames.length) return living;
  const { nodes, tools } = await findMarked(layout.stackDir);
  for (const tool of tools) await signalProcess(tool, 'SIGKILL');
  for (const [node, process] of nodes) {
    if (living.has(node)) continue;
    living.set(node, process);
    writeRecord(layout, node, { process, version: 'unknown' });
  }
  return living;
}

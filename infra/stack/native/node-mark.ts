import type { ProcessIdentity } from '../../process.ts';
import { findMarkedProcesses, markOfProcess } from '../../process-marks.ts';
import { allNodeNames, type NodeName } from '../stack.ts';

/**
 * Each engine carries a mark in its environment that names the stack and the node. An `up` that is killed between
 * starting a process and writing its record loses nothing: the next one finds the process by its mark.
 */
const markName = 'LABCTL_NODE';

export function markOf(stackDir: string, node: NodeName): Readonly<Record<string, string>> {
  return { [markName]: `${node}@${stackDir}` };
}

/** The mark of a tool that works on a node's data and is expected to end: a format, an initialization. */
export function toolMarkOf(stackDir: string): Readonly<Record<string, string>> {
  return { [markName]: `tool@${stackDir}` };
}

export interface MarkedProcesses {
  readonly nodes: ReadonlyMap<NodeName, ProcessIdentity>;
  /** Seen by the holder of the stack's lock before it starts any: left over from somebody who was killed. */
  readonly tools: readonly ProcessIdentity[];
}

/** Living processes of this stack. Linux only; elsewhere nothing is found and the records alone count. */
export async function findMarked(stackDir: string): Promise<MarkedProcesses> {
  const nodes = new Map<NodeName, ProcessIdentity>();
  const tools: ProcessIdentity[] = [];
  const suffix = `@${stackDir}`;
  for (const { process, value } of await findMarkedProcesses(markName)) {
    if (!value.endsWith(suffix)) continue;
    const mark = value.slice(0, -suffix.length);
    const node = allNodeNames.find((name) => name === mark);
    if (node === undefined) tools.push(process);
    // The first: a server's own fork, Redis' for a replica's first copy, carries its mark too, and is younger.
    else if (!nodes.has(node)) nodes.set(node, process);
  }
  return { nodes, tools };
}

/** The folder of the stack that this process belongs to; undefined for any other, and for another user's. */
export function stackOf(pid: number): string | undefined {
  const mark = markOfProcess(pid, markName);
  return mark?.slice(mark.indexOf('@') + 1);
}

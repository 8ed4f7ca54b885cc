import { readdirSync, readFileSync } from 'node:fs';
import { identify, type ProcessIdentity } from '../../process.ts';
import { type NodeName, nodeNames } from '../stack.ts';

/**
 * Each engine carries a mark in its environment that names the stack and the node. An `up` that is killed between
 * starting a process and writing its record loses nothing: the next one finds the process by its mark.
 */
const markName = 'LABCTL_NODE';

export function markOf(stackDir: string, node: NodeName): Readonly<Record<string, string>> {
  return { [markName]: `${node}@${stackDir}` };
}

/** Living processes of this stack by node. Linux only; elsewhere nothing is found and the records alone count. */
export async function findMarked(stackDir: string): Promise<ReadonlyMap<NodeName, ProcessIdentity>> {
  const found = new Map<NodeName, ProcessIdentity>();
  const marks = new Map(nodeNames.map((node) => [`${markName}=${node}@${stackDir}`, node]));
  for (const pid of processIds()) {
    const node = environmentOf(pid)
      .map((entry) => marks.get(entry))
      .find((name) => name !== undefined);
    if (node === undefined) continue;
    const identity = await identify(pid);
    if (identity !== undefined) found.set(node, identity);
  }
  return found;
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Empty for a process of somebody else, and for one that has just ended. */
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

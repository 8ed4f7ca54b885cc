import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { NodeName } from '../stack.ts';
import type { Layout } from './layout.ts';

/** What is known of a node that was started and not stopped in order. Its process may be dead meanwhile. */
const nodeRecord = z.object({
  process: z.object({ pid: z.number().int().positive(), startedAt: z.string() }),
  version: z.string(),
  /** Somebody began to stop it: it answers for a while yet, and will be gone. */
  stopping: z.boolean().optional(),
});
export type NodeRecord = z.infer<typeof nodeRecord>;

/** @returns undefined when the node was never started or was stopped, and also for a torn file: then it is found again by its mark. */
export function readRecord(layout: Layout, node: NodeName): NodeRecord | undefined {
  try {
    return nodeRecord.parse(JSON.parse(readFileSync(layout.recordFile(node), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeRecord(layout: Layout, node: NodeName, record: NodeRecord): void {
  const file = layout.recordFile(node);
  writeFileSync(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(`${file}.new`, file);
}

export function removeRecord(layout: Layout, node: NodeName): void {
  rmSync(layout.recordFile(node), { force: true });
}

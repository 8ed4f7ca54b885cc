import { availableParallelism, cpus, totalmem } from 'node:os';
import { z } from 'zod';
import { packageRoot } from '../../infra/package-root.ts';
import { run } from '../../infra/process.ts';

/** What a run must say about itself, so that it can be repeated and its figures compared. */
export const runMetadata = z.object({
  experiment: z.string(),
  runId: z.string(),
  token: z.string(),
  seed: z.number().int(),
  fast: z.boolean(),
  needs: z.enum(['shared', 'quiet', 'exclusive']),
  startedAtMs: z.number(),
  /** Who runs it: alive as long as this very process is. */
  process: z.object({ pid: z.number().int(), startedAt: z.string() }),
  /** Scopes by arm, in the order of the arms. */
  scopes: z.array(z.object({ arm: z.string(), scope: z.string() })),
  argv: z.array(z.string()),
  /** Absent where the sources are no git clone. */
  git: z.object({ commit: z.string(), dirty: z.boolean() }).optional(),
  engines: z.record(z.string(), z.string()),
  machine: z.object({
    cores: z.number(),
    model: z.string(),
    memoryBytes: z.number(),
    platform: z.string(),
    node: z.string(),
  }),
});
export type RunMetadata = z.infer<typeof runMetadata>;

export function machineFacts(): RunMetadata['machine'] {
  return {
    cores: availableParallelism(),
    model: cpus()[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
  };
}

/** The commit the sources stand at, and whether they were changed since; undefined outside a clone or without git. */
export async function gitFacts(): Promise<RunMetadata['git']> {
  const options = { cwd: packageRoot, timeoutMs: 3_000 };
  const [head, status] = await Promise.all([
    run('git', ['rev-parse', 'HEAD'], options),
    run('git', ['status', '--porcelain', '--untracked-files=normal'], options),
  ]);
  if (head.exitCode !== 0 || status.exitCode !== 0) return undefined;
  return { commit: head.stdout.trim(), dirty: status.stdout.trim() !== '' };
}

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { FetchedEngine } from '../machine.ts';

/**
 * Fetched engines, one complete folder each: made under a passing name and renamed, so that an interrupted fetch never
 * looks finished. Shared between clones and between stacks on other ports; nothing in it is changed afterwards.
 */

/** Raised when the way of unpacking changes, so that engines fetched the old way are fetched again. */
const recipe = 1;

const manifest = z.object({ engine: z.string(), version: z.string(), source: z.string(), fetchedAt: z.string() });
const manifestName = 'engine.json';

export interface EngineKey {
  readonly engine: string;
  /** Where a version is pinned, each has a folder of its own; a distribution's package comes in one version only. */
  readonly pinnedVersion?: string;
}

export function engineFolder(cacheDir: string, { engine, pinnedVersion }: EngineKey): string {
  return join(cacheDir, `${engine}-${pinnedVersion ?? `r${recipe}`}-${process.arch}`);
}

export function readFetched(cacheDir: string, key: EngineKey): FetchedEngine | undefined {
  const folder = engineFolder(cacheDir, key);
  try {
    return { ...manifest.parse(JSON.parse(readFileSync(join(folder, manifestName), 'utf8'))), folder };
  } catch {
    return undefined;
  }
}

export interface InstallOptions {
  readonly cacheDir: string;
  /** A folder of this process' own on the same file system, so that a rename is one step. */
  readonly workDir: string;
  readonly key: EngineKey;
  readonly nowMs: number;
}

export type Filled = Pick<FetchedEngine, 'version' | 'source'>;

/**
 * Fills a passing folder and makes it the engine's. The caller holds the fetch lock.
 * @param fill writes into the folder it is given and returns what it wrote.
 */
export async function installEngine(
  { cacheDir, workDir, key, nowMs }: InstallOptions,
  fill: (folder: string) => Promise<Filled>,
): Promise<FetchedEngine> {
  const { engine } = key;
  const part = join(workDir, `part-${engine}`);
  mkdirSync(part, { recursive: true });
  const { version, source } = await fill(part);
  const written = { engine, version, source, fetchedAt: new Date(nowMs).toISOString() };
  writeFileSync(join(part, manifestName), `${JSON.stringify(written, undefined, 2)}\n`);
  const folder = engineFolder(cacheDir, key);
  rmSync(folder, { recursive: true, force: true });
  renameSync(part, folder);
  return { ...written, folder };
}

/** Everything below the folder, in bytes; what vanishes meanwhile counts 0. */
export function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    try {
      bytes += statSync(join(entry.parentPath, entry.name)).size;
    } catch {
      // renamed between the listing and the look
    }
  }
  return bytes;
}

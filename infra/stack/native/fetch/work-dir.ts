import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../../../process.ts';
import { endMarkedProcesses, marksCanBeRead } from '../../../process-marks.ts';

/**
 * Where a fetch works: a folder of its own in the cache, so that apt, tar or Maven of a labctl that was killed cannot
 * write into what the next one uses. Downloads are passed on: a fetch that fails leaves them in a place of their own, and
 * those of a killed one are taken over once the tools it started are ended. The caller holds the fetch lock.
 */
export interface WorkDir {
  /** For what is half unpacked; thrown away in the end. */
  readonly folder: string;
  /** Packages, lists and Maven's repository; may hold what an earlier fetch downloaded, half files among it. */
  readonly downloads: string;
  /** Goes into the environment of every tool that writes here. */
  readonly mark: Readonly<Record<string, string>>;
}

const markName = 'LABCTL_FETCH';
/** An apt that is asked to end notes how far its files came, and goes on there the next time. */
const toolGraceMs = 2_000;

/** Gives this process its folder, with the downloads of an earlier fetch where there are any. */
export async function openWorkDir(cacheDir: string): Promise<WorkDir> {
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('this process does not find itself in the process table');
  const folder = join(cacheDir, nameOf(self));
  for (const name of readdirSync(cacheDir)) {
    if (!name.startsWith(workPrefix)) continue;
    const owner = ownerIn(name);
    const left = join(cacheDir, name);
    if (left !== folder && owner !== undefined && (await isAlive(owner))) continue;
    await takeOver(left, keptIn(cacheDir));
  }
  const downloads = join(folder, 'downloads');
  mkdirSync(folder, { recursive: true });
  if (existsSync(keptIn(cacheDir))) renameSync(keptIn(cacheDir), downloads);
  mkdirSync(downloads, { recursive: true });
  return { folder, downloads, mark: { [markName]: folder } };
}

/** @param keep leaves the downloads for the next fetch. */
export async function closeWorkDir(
  cacheDir: string,
  { folder, downloads }: WorkDir,
  { keep }: { readonly keep: boolean },
): Promise<void> {
  // A tool that was stopped may have left children of its own.
  await endMarkedProcesses(markName, folder, toolGraceMs);
  if (keep) replace(downloads, keptIn(cacheDir));
  remove(folder);
}

/** What a killed fetch left. Where its tools cannot be found, they may still be writing: then nothing of it is used. */
async function takeOver(left: string, kept: string): Promise<void> {
  await endMarkedProcesses(markName, left, toolGraceMs);
  const downloads = join(left, 'downloads');
  if (marksCanBeRead() && existsSync(downloads) && !existsSync(kept)) replace(downloads, kept);
  remove(left);
}

const workPrefix = '.work-';

function keptIn(cacheDir: string): string {
  return join(cacheDir, '.downloads');
}

function nameOf({ pid, startedAt }: ProcessIdentity): string {
  return `${workPrefix}${pid}-${encodeURIComponent(startedAt)}`;
}

function ownerIn(name: string): ProcessIdentity | undefined {
  const [, pid, startedAt] = /^\.work-(\d+)-(.+)$/.exec(name) ?? [];
  return pid === undefined || startedAt === undefined
    ? undefined
    : { pid: Number(pid), startedAt: decodeURIComponent(startedAt) };
}

function replace(from: string, to: string): void {
  remove(to);
  renameSync(from, to);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

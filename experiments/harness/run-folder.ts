import { mkdirSync } from 'node:fs';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { isAlive } from '../../infra/process.ts';
import { decodeFinalState, encodeFinalState, type FinalState } from './final-state.ts';
import { type History, readHistory } from './history.ts';
import { type RunMetadata, runMetadata } from './metadata.ts';
import { type RunResult, runResult } from './result.ts';

/**
 * Everything a run leaves behind, under `<stateDir>/runs/<runId>/`:
 *
 *   run.json               who, when, with which seed and scopes; written before the first engine is touched
 *   events.ndjson          what happened, as it happens
 *   journal/<arm>/*.ndjson ground truth, appended by the workers themselves
 *   logs/<arm>/*.log       what the workers said
 *   arms/<arm>.json        how far the arm came
 *   state/<arm>.json.gz    what the engines held at the end
 *   result.json            the verdicts; details.json, report.md, report.html: the same for people
 */
export interface RunFolder {
  readonly path: string;
  readonly events: string;
  journalOf(arm: string): string;
  logsOf(arm: string): string;
}

export const armRecord = z.object({
  outcome: z.enum(['recorded', 'gate not met', 'interrupted', 'broken']),
  reason: z.string().optional(),
  gate: z.array(z.object({ check: z.string(), met: z.boolean(), seen: z.string() })),
  durationMs: z.number(),
});
export type ArmRecord = z.infer<typeof armRecord>;

export function runsDirOf(stateDir: string): string {
  return join(stateDir, 'runs');
}

export function runFolder(path: string): RunFolder {
  return {
    path,
    events: join(path, 'events.ndjson'),
    journalOf: (arm) => join(path, 'journal', arm),
    logsOf: (arm) => join(path, 'logs', arm),
  };
}

/** Makes the folder and writes run.json: from here on the run can be found, and its leftovers be removed. */
export async function createRunFolder(stateDir: string, metadata: RunMetadata): Promise<RunFolder> {
  const path = join(runsDirOf(stateDir), metadata.runId);
  for (const inner of ['journal', 'logs', 'arms', 'state']) mkdirSync(join(path, inner), { recursive: true });
  await writeJson(join(path, 'run.json'), metadata);
  return runFolder(path);
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined; // absent, cut short, or of another version: not there for us
  }
}

export interface RecordedRun {
  readonly folder: RunFolder;
  readonly metadata: RunMetadata;
  /** Absent while it runs, and for one that was killed. */
  readonly result: RunResult | undefined;
}

/** All readable runs, oldest first. */
export async function listRuns(stateDir: string): Promise<readonly RecordedRun[]> {
  const dir = runsDirOf(stateDir);
  const names = await readdir(dir).catch(() => []);
  const runs: RecordedRun[] = [];
  for (const name of names) {
    const folder = runFolder(join(dir, name));
    const metadata = await readJson(join(folder.path, 'run.json'), runMetadata);
    if (metadata === undefined) continue;
    runs.push({ folder, metadata, result: await readJson(join(folder.path, 'result.json'), runResult) });
  }
  return runs.sort((left, right) => left.metadata.startedAtMs - right.metadata.startedAtMs);
}

/** True for a run without a result whose process still lives. */
export async function isRunning({ metadata, result }: RecordedRun): Promise<boolean> {
  return result === undefined && (await isAlive(metadata.process));
}

export async function writeArmRecord(folder: RunFolder, arm: string, record: ArmRecord): Promise<void> {
  await writeJson(join(folder.path, 'arms', `${arm}.json`), record);
}

export function readArmRecord(folder: RunFolder, arm: string): Promise<ArmRecord | undefined> {
  return readJson(join(folder.path, 'arms', `${arm}.json`), armRecord);
}

export async function writeFinalState(folder: RunFolder, arm: string, state: FinalState): Promise<void> {
  await writeFile(stateFile(folder, arm), await promisify(gzip)(encodeFinalState(state), { level: 1 }));
}

/** @throws Error saying what cannot be read, when the arm has no readable final state. */
export async function readFinalState(folder: RunFolder, arm: string): Promise<FinalState> {
  try {
    return decodeFinalState((await promisify(gunzip)(await readFile(stateFile(folder, arm)))).toString('utf8'));
  } catch (error) {
    throw new Error(`the final state of ${arm} cannot be read`, { cause: error });
  }
}

export function readArmHistory(folder: RunFolder, arm: string): Promise<History> {
  return readHistory(folder.journalOf(arm));
}

function stateFile(folder: RunFolder, arm: string): string {
  return join(folder.path, 'state', `${arm}.json.gz`);
}

const runsBytesMax = 500 * 1024 * 1024;

/**
 * Deletes the oldest runs until the rest fit the limit. Runs that are still going and the last green one of each
 * experiment stay, whatever their size.
 * @returns the ids of the deleted runs.
 */
export async function pruneRuns(stateDir: string, bytesMax = runsBytesMax): Promise<readonly string[]> {
  const runs = await listRuns(stateDir);
  const lastGreen = new Set<string>();
  for (const { metadata, result } of runs.toReversed()) {
    const green = result?.verdict === 'pass';
    if (
      green &&
      !runs.some((run) => lastGreen.has(run.metadata.runId) && run.metadata.experiment === metadata.experiment)
    )
      lastGreen.add(metadata.runId);
  }
  const sized = await Promise.all(runs.map(async (run) => ({ run, bytes: await bytesOf(run.folder.path) })));
  let total = sized.reduce((sum, { bytes }) => sum + bytes, 0);
  const deleted: string[] = [];
  for (const { run, bytes } of sized) {
    if (total <= bytesMax) break;
    if (lastGreen.has(run.metadata.runId) || (await isRunning(run))) continue;
    await rm(run.folder.path, { recursive: true, force: true });
    deleted.push(run.metadata.runId);
    total -= bytes;
  }
  return deleted;
}

async function bytesOf(path: string): Promise<number> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const sizes = entries.map((entry) =>
    entry.isFile()
      ? stat(join(entry.parentPath, entry.name)).then(
          ({ size }) => size,
          () => 0,
        )
      : 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

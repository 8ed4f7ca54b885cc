import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeName } from '../stack.ts';

/** Where a native stack keeps its things, below `config.stateDir`. One function a place; nobody else joins these paths. */
export interface Layout {
  readonly stateDir: string;
  /** The working directory of every engine: their settings name data by relative paths, which no character can break. */
  readonly stackDir: string;
  /** Finished data of a node. Made under another name and renamed, so that a folder of this name is complete. */
  readonly dataDir: (node: NodeName) => string;
  readonly confDir: string;
  readonly recordFile: (node: NodeName) => string;
  readonly lockFile: string;
  /** The engine's own log. */
  readonly logFile: (node: NodeName) => string;
  /** What the process printed: the reason of a start that failed before there was a log. */
  readonly outFile: (node: NodeName) => string;
}

export function layoutOf(stateDir: string): Layout {
  const stackDir = join(stateDir, 'stack');
  return {
    stateDir,
    stackDir,
    dataDir: (node) => join(stackDir, 'data', node),
    confDir: join(stackDir, 'conf'),
    recordFile: (node) => join(stackDir, `${node}.json`),
    lockFile: join(stackDir, 'lock.json'),
    logFile: (node) => join(stateDir, 'logs', `${node}.log`),
    outFile: (node) => join(stateDir, 'logs', `${node}.out`),
  };
}

/** The state holds databases and passwords: only its owner may look. */
export function makeLayout({ stateDir, stackDir, confDir }: Layout): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(join(stackDir, 'data'), { recursive: true, mode: 0o700 });
  mkdirSync(confDir, { recursive: true, mode: 0o700 });
  mkdirSync(join(stateDir, 'logs'), { recursive: true, mode: 0o700 });
}

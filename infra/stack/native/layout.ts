import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { NodeName } from '../stack.ts';

/** Where a native stack keeps its things, below `config.stateDir`. One function a place; nobody else joins these paths. */
export interface Layout {
  readonly stateDir: string;
  /** The working directory of every engine: their settings name data by relative paths, which no character can break. */
  readonly stackDir: string;
  /** Finished data of a node. Made under another name and renamed, so that a folder of this name is complete. */
  readonly dataDir: (node: NodeName) => string;
  readonly confDir: string;
  /** MySQL's unix socket. */
  readonly socketFile: string;
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
    socketFile: join(socketFolder(stackDir), 'mysql.sock'),
    recordFile: (node) => join(stackDir, `${node}.json`),
    lockFile: join(stackDir, 'lock.json'),
    logFile: (node) => join(stateDir, 'logs', `${node}.log`),
    outFile: (node) => join(stateDir, 'logs', `${node}.out`),
  };
}

/** A unix socket's path has room for 107 bytes; a state folder that is deeper gets a short folder of its own. */
const socketFolderBytesMax = 90;

function socketFolder(stackDir: string): string {
  if (Buffer.byteLength(stackDir) <= socketFolderBytesMax) return stackDir;
  const name = createHash('sha256').update(stackDir).digest('hex').slice(0, 12);
  return join(tmpdir(), `labctl-${process.getuid?.()}-${name}`);
}

/** The state holds databases and passwords: only its owner may look. */
export function makeLayout({ stateDir, stackDir, confDir, socketFile }: Layout): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  mkdirSync(join(stackDir, 'data'), { recursive: true, mode: 0o700 });
  mkdirSync(confDir, { recursive: true, mode: 0o700 });
  mkdirSync(join(stateDir, 'logs'), { recursive: true, mode: 0o700 });
  const folder = dirname(socketFile);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A name in a folder that everybody can write to: it must be ours.
  if (lstatSync(folder).uid !== process.getuid?.()) throw new Error(`${folder} belongs to somebody else`);
}

/**
 * Everything but the logs, which tell what was. The data goes in one step, by a rename: half of it, left by a `down -v`
 * that was killed, must not be taken for a lab's data.
 */
export function wipeLayout(layout: Layout): void {
  const { stackDir, confDir, dataDir, socketFile } = layout;
  const data = dirname(dataDir('mysql'));
  removeDoomed(layout);
  if (existsSync(data)) renameSync(data, join(stackDir, doomedName));
  removeDoomed(layout);
  const sockets = dirname(socketFile) === stackDir ? [socketFile, `${socketFile}.lock`] : [dirname(socketFile)];
  const folders = [confDir, join(stackDir, 'tmp'), ...sockets];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

const doomedName = 'doomed';

/** Data that a `down -v` was killed over. The caller holds the stack's lock. */
export function removeDoomed({ stackDir }: Layout): void {
  rmSync(join(stackDir, doomedName), { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}

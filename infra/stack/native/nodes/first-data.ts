import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Makes a node's first data aside and renames it into place: a data folder is complete, or it is not there. The folder
 * aside is this process' own, because a tool that an `up` started may outlive it when it is killed, and go on writing.
 * @param fill makes `<aside>/data`; what else it puts aside is thrown away.
 */
export async function makeFirstData(dataDir: string, fill: (aside: string) => Promise<void>): Promise<void> {
  const parent = dirname(dataDir);
  const prefix = `${basename(dataDir)}.new-`;
  for (const name of readdirSync(parent)) if (name.startsWith(prefix)) remove(join(parent, name));
  const aside = join(parent, `${prefix}${process.pid}`);
  mkdirSync(aside, { mode: 0o700 });
  await fill(aside);
  remove(dataDir);
  renameSync(join(aside, 'data'), dataDir);
  remove(aside);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

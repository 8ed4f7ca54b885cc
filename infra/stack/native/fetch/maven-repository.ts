import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Maven notes here what it did not find, and would not ask again for a day. */
const refusals = /(\.lastUpdated|^resolver-status\.properties)$/;
const artefacts = /\.(jar|pom|zip|tar\.gz|module)$/;

/**
 * Makes the repository of an earlier fetch fit for use: Maven takes a local file at its word, so every artefact is held
 * against the checksum that came with it, and one without is thrown away; what was not found is asked for again.
 */
export function keepWholeArtefacts(repository: string): void {
  if (!existsSync(repository)) return;
  for (const entry of readdirSync(repository, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    if (refusals.test(entry.name) || (artefacts.test(entry.name) && !isWhole(file))) rmSync(file, { force: true });
  }
}

/** `<file>.sha1` holds the digest, in some repositories followed by the file's name. */
function isWhole(file: string): boolean {
  if (!existsSync(`${file}.sha1`)) return false;
  const expected = readFileSync(`${file}.sha1`, 'utf8').trim().split(/\s+/)[0]?.toLowerCase();
  return createHash('sha1').update(readFileSync(file)).digest('hex') === expected;
}

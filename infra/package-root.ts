import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of package.json: data files (.sql, .avsc, .md, .sh) are read from the sources, also by compiled code. */
export const packageRoot: string = findPackageRoot(import.meta.dirname);

function findPackageRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${from}`);
    folder = parent;
  }
  return folder;
}

/** True when running from TypeScript sources (tests), false from dist. */
export const runsFromSource: boolean = import.meta.filename.endsWith('.ts');

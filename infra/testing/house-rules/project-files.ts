import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { SourceFile } from './rule.ts';

/** What git ignores, and git itself. */
const left = new Set(['node_modules', 'dist', '.git', '.lab', 'coverage']);

const isText = (name: string): boolean =>
  /\.(?:tsx?|json|md|sh|sql|avsc|ya?ml|xml|properties|npmrc|gitignore)$|^[^.]+$/.test(name);

/** Every text file of the project, without what is installed, built or recorded. */
export function projectFiles(root: string, folder = ''): readonly SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (left.has(entry.name)) return [];
    if (entry.isDirectory()) return projectFiles(root, path);
    return entry.isFile() && isText(entry.name) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : [];
  });
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../infra/package-root.ts';

/**
 * A command must answer at once, so what it loads before it runs is kept small. Time is no test (the machine may be
 * busy); what is loaded is: the static imports of the program, followed from file to file.
 */
function packagesLoadedBy(entry: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const source = readFileSync(join(packageRoot, entry), 'utf8');
  const targets = [...source.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)';/gms)].map(
    ([, target = '']) => target,
  );
  return targets.flatMap((target) =>
    target.startsWith('.') ? packagesLoadedBy(normalize(join(dirname(entry), target)), seen) : [target],
  );
}

const installed = (entry: string): readonly string[] =>
  [...new Set(packagesLoadedBy(entry))].filter((name) => !name.startsWith('node:'));

test('every command starts with the line parser and nothing else', () => {
  expect(installed('cli/main.ts')).toEqual(['commander']);
});

test('the list of experiments loads nothing', () => {
  expect(installed('experiments/index.ts')).toEqual([]);
});

test('the imports are really followed', () => {
  const seen = new Set<string>();
  packagesLoadedBy('cli/main.ts', seen);
  expect(seen).toContain('cli/commands/up.ts');
  expect([...seen].every((file) => existsSync(join(packageRoot, file)))).toBe(true);
  expect(installed('infra/config.ts')).toContain('zod');
});

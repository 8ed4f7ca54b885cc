import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../infra/package-root.ts';
import { findExperiment, listExperiments } from './index.ts';

const folder = join(packageRoot, 'experiments');

test('every experiment has its document beside it and a name of its own', () => {
  const listed = listExperiments();
  expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
  for (const { id, document, arms } of listed) {
    expect(existsSync(join(packageRoot, document)), document).toBe(true);
    expect(readFileSync(join(packageRoot, document), 'utf8')).toMatch(new RegExp(`^# ${id} `));
    expect(new Set(arms.map(({ name }) => name)).size).toBe(arms.length);
    expect(arms.every(({ name }) => /^[a-z]-[a-z0-9-]+$/.test(name))).toBe(true);
  }
});

test('an id is found in any case; an unknown one is answered with those there are', () => {
  expect(findExperiment('e-001').id).toBe('E-001');
  expect(() => findExperiment('E-999')).toThrow('there is no experiment E-999');
});

test('listing loads no package at all: data and pure functions only', () => {
  expect(packagesBehind(join(folder, 'index.ts'))).toEqual([]);
});

/** Packages that a file imports at run time, itself or through others. */
function packagesBehind(file: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from '([^']+)';/gm);
  return [...imports].flatMap(([statement, specifier = '']) => {
    if (/\{(?:\s*type [^,}]+,?)+\s*\}/.test(statement)) return [];
    if (specifier.startsWith('.')) return packagesBehind(join(dirname(file), specifier), seen);
    return specifier.startsWith('node:') ? [] : [`${specifier} in ${file}`];
  });
}

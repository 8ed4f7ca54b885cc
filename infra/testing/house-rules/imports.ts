import { posix } from 'node:path';
import { codeOnly } from './code-only.ts';
import { type HouseRule, isCode, type SourceFile, type Violation } from './rule.ts';

interface Import {
  readonly line: number;
  /** Relative to the project's root. */
  readonly target: string;
}

/** Static, dynamic and re-exporting imports of files of the project. */
function importsOf({ path, text }: SourceFile): readonly Import[] {
  const imports: Import[] = [];
  const code = codeOnly(text, { keepStrings: true });
  for (const match of code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)) {
    const line = code.slice(0, match.index).split('\n').length;
    imports.push({ line, target: posix.join(posix.dirname(path), match[1] ?? '') });
  }
  return imports;
}

const layers = ['infra', 'workers', 'experiments', 'runbooks', 'cli'];

export const importDirection: HouseRule = {
  rule: `imports point left only: ${layers.join(' ← ')}`,
  instead: 'move what both need to the left, or pass it in as a parameter',
  check: (file) =>
    offending(file, (target) => {
      const from = layers.indexOf(file.path.split('/')[0] ?? '');
      const to = layers.indexOf(target.split('/')[0] ?? '');
      return from !== -1 && to > from;
    }),
};

/** Folders under workers/ that every worker may use. */
const sharedByWorkers = ['protocol', 'host', 'domain', 'supervisor'];

/** What a path is one of, among equals that must not meet; undefined where it is none. */
function siblingOf(path: string): { readonly kind: string; readonly name: string } | undefined {
  const [top, second = '', third] = path.split('/');
  if (top === 'workers' && third !== undefined && !sharedByWorkers.includes(second)) {
    return { kind: 'worker', name: second };
  }
  const experiment = /^experiments\/(E-\d+)/.exec(path)?.[1];
  if (experiment !== undefined) return { kind: 'experiment', name: experiment };
  const command = /^cli\/commands\/([^/]+?)(?:\.test)?\.tsx?$/.exec(path)?.[1];
  if (command !== undefined && command !== 'index') return { kind: 'command', name: command };
  return undefined;
}

export const siblings: HouseRule = {
  rule: 'siblings never import each other: no worker another worker, no experiment another, no command another',
  instead: 'move what both need into a folder below them (workers/domain, experiments/harness, infra)',
  check(file) {
    const self = siblingOf(file.path);
    if (self === undefined) return [];
    return offending(file, (target) => {
      const other = siblingOf(target);
      return other !== undefined && other.kind === self.kind && other.name !== self.name;
    });
  },
};

function offending(file: SourceFile, isWrong: (target: string) => boolean): readonly Violation[] {
  if (!isCode(file)) return [];
  return importsOf(file)
    .filter(({ target }) => isWrong(target))
    .map(({ line, target }) => ({ path: file.path, line, found: `imports ${target}` }));
}

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * A test double for an engine that cannot run here: a program called `docker` in a folder of its own that writes down
 * what it is called with, and answers with what a test laid out for a word of its arguments.
 */
export interface FakeDocker {
  /** With the double as the only docker on the PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** What it was called with so far, one line a call, without the words that every call has. */
  calls(): readonly string[];
  /** The lines of a shell script, run for calls that have this word among their arguments. */
  answer(word: string, script: string): void;
}

const script = `#!/bin/sh
here=$(dirname "$0")
echo "$*" >>"$here/calls"
for word; do
  [ -e "$here/answers/$word" ] && { . "$here/answers/$word"; exit; }
done
exit 0
`;

export function fakeDocker(): FakeDocker {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-docker-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'docker');
  mkdirSync(join(folder, 'answers'));
  writeFileSync(join(folder, 'calls'), '');
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  return {
    env: { PATH: `${folder}:/usr/bin:/bin`, HOME: folder },
    calls: () =>
      readFileSync(join(folder, 'calls'), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.replace(/^compose --project-name (\S+) --file \S+ /, '$1: ')),
    answer: (word, lines) => writeFileSync(join(folder, 'answers', word), lines),
  };
}

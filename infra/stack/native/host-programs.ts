import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Text } from '../../text.ts';

/** A program of this machine that labctl could use, and why it does not where it does not. */
export interface FoundProgram {
  readonly path: string;
  /** As it prints itself; undefined when it could not be run. */
  readonly version: string | undefined;
  readonly fits: boolean;
  /** Why it is not used: "version 17; 21 or newer is needed". Absent when it fits. */
  readonly rejected?: Text;
}

/** All places where PATH has the program, first come first. */
export function programsOnPath(name: string, env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).filter(existsSync);
}

/** One path each where several lead to the same file (/usr/bin/java is a link into /usr/lib/jvm). */
export function distinctPrograms(paths: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    if (!existsSync(path)) return false;
    const real = realpathSync(path);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

export function tooOld(version: string, needed: string): Text {
  return { ko: `버전 ${version}; ${needed} 이상이 필요합니다`, en: `version ${version}; ${needed} or newer is needed` };
}

/** @param problem why it could not be run, in the system's words. */
export function tellsNoVersion(problem: string | undefined): Text {
  return problem === undefined
    ? { ko: '버전을 알려 주지 않습니다', en: 'it does not tell its version' }
    : { ko: problem, en: problem };
}

import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../../process.ts';
import type { FoundProgram } from './machine.ts';

/** Apicurio 3.3 is compiled for 21 (class file 65); Kafka 4 runs on 17. One Java serves both. */
export const javaVersionMin = 21;

/**
 * The feature release in what `java -version` prints: 21 of `openjdk version "21.0.13" 2026-10-20`, 8 of `"1.8.0_402"`.
 * @returns undefined for text that names no version.
 */
export function parseJavaVersion(output: string): { readonly feature: number; readonly full: string } | undefined {
  const full = /version "([^"]+)"/.exec(output)?.[1];
  if (full === undefined) return undefined;
  const [first, second] = full.split(/[.\-+_]/);
  const feature = Number(first === '1' ? second : first);
  return Number.isInteger(feature) ? { feature, full } : undefined;
}

/** Every java of this machine, in the order in which they are tried: JAVA_HOME, PATH, /usr/lib/jvm. */
export async function findJava(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  jvmFolder = '/usr/lib/jvm',
): Promise<readonly FoundProgram[]> {
  const paths = [
    ...(env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin', 'java')] : []),
    ...programsOnPath('java', env),
    ...listOrEmpty(jvmFolder).map((home) => join(jvmFolder, home, 'bin', 'java')),
  ];
  return Promise.all(distinctPrograms(paths).map((path) => inspectJava(path, signal)));
}

async function inspectJava(path: string, signal: AbortSignal): Promise<FoundProgram> {
  // It prints its version on stderr, and nothing that needs a JVM's worth of memory.
  const { stderr, problem } = await run(path, ['-version'], { timeoutMs: 10_000, signal });
  const version = parseJavaVersion(stderr);
  if (version === undefined) {
    return { path, version: undefined, fits: false, rejected: problem ?? 'it does not tell its version' };
  }
  if (version.feature < javaVersionMin) {
    const rejected = `version ${version.feature}; ${javaVersionMin} or newer is needed`;
    return { path, version: version.full, fits: false, rejected };
  }
  return { path, version: version.full, fits: true };
}

/** All places where PATH has the program, first come first. */
export function programsOnPath(name: string, env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).filter(existsSync);
}

/** One path each where several lead to the same file (/usr/bin/java is a link into /usr/lib/jvm). */
function distinctPrograms(paths: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return paths.filter((path) => {
    if (!existsSync(path)) return false;
    const real = realpathSync(path);
    if (seen.has(real)) return false;
    seen.add(real);
    return true;
  });
}

function listOrEmpty(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../process.ts';
import { distinctPrograms, type FoundProgram, programsOnPath, tellsNoVersion, tooOld } from './host-programs.ts';

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
    return { path, version: undefined, fits: false, rejected: tellsNoVersion(problem) };
  }
  if (version.feature < javaVersionMin) {
    const rejected = tooOld(String(version.feature), String(javaVersionMin));
    return { path, version: version.full, fits: false, rejected };
  }
  return { path, version: version.full, fits: true };
}

function listOrEmpty(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

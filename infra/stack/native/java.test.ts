import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findJava, parseJavaVersion } from './java.ts';

test.each([
  { output: 'openjdk version "21.0.13" 2026-10-20\nOpenJDK Runtime Environment', feature: 21 },
  { output: 'openjdk version "25" 2025-09-16', feature: 25 },
  { output: 'openjdk version "26-ea" 2026-03-17', feature: 26 },
  { output: 'java version "1.8.0_402"', feature: 8 },
  { output: 'Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "17.0.15" 2025-04-15', feature: 17 },
])('$output is Java $feature', ({ output, feature }) => {
  expect(parseJavaVersion(output)?.feature).toBe(feature);
});

test('text without a version is no Java', () => {
  expect(parseJavaVersion('The operation couldn’t be completed. Unable to locate a Java Runtime.')).toBeUndefined();
});

test('JAVA_HOME comes before PATH, PATH before the folder of JVMs; a link to the same file counts once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-java-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const home = fakeJava(join(folder, 'home'), '17.0.1');
  const onPath = fakeJava(join(folder, 'path'), '21.0.2');
  fakeJava(join(folder, 'jvm', 'jdk-25'), '25.0.3');
  symlinkSync(join(folder, 'path'), join(folder, 'jvm', 'jdk-21'));
  const env = { JAVA_HOME: home, PATH: `${join(onPath, 'bin')}:/usr/bin-that-is-not-there` };
  const found = await findJava(env, AbortSignal.timeout(10_000), join(folder, 'jvm'));
  expect(found.map(({ version, fits }) => ({ version, fits }))).toEqual([
    { version: '17.0.1', fits: false },
    { version: '21.0.2', fits: true },
    { version: '25.0.3', fits: true },
  ]);
  expect(found[0]?.rejected?.en).toBe('version 17; 21 or newer is needed');
});

test('a java that cannot run is shown with its reason, and not used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'labctl-java-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const home = fakeJava(folder, '21', 'exit 127');
  const [found] = await findJava({ JAVA_HOME: home }, AbortSignal.timeout(10_000), join(folder, 'none'));
  expect(found).toMatchObject({ fits: false, version: undefined });
  expect(found?.rejected?.en).toMatch(/127/);
});

/** A program that answers -version as a JVM does. @returns its JAVA_HOME. */
function fakeJava(home: string, version: string, script = `echo 'openjdk version "${version}"' >&2`): string {
  mkdirSync(join(home, 'bin'), { recursive: true });
  const file = join(home, 'bin', 'java');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return home;
}

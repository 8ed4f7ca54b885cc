import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../../clock.ts';
import { type EngineError, InterruptedError } from '../../../errors.ts';
import { packageRoot } from '../../../package-root.ts';
import { run } from '../../../process.ts';
import { programsOnPath } from '../host-programs.ts';
import { fetchFailure } from './fetch-failure.ts';
import { javaKeyStore, trustedCertificates, trustStorePassword } from './trust-store.ts';

/** How Maven is called here: the host's own, or the private one on the Java that labctl uses. */
export interface Maven {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

const goalTimeoutMs = 10 * 60_000;
/** Maven's own patience with a server that falls silent is half an hour. */
const patience = ['-Daether.connector.connectTimeout=10000', '-Daether.connector.requestTimeout=30000'];

/** The host's mvn, when it runs as the host set it up or with the Java that labctl uses. */
export async function hostMaven(
  env: NodeJS.ProcessEnv,
  javaHome: string | undefined,
  signal: AbortSignal,
): Promise<(Maven & { readonly version: string }) | undefined> {
  const [command] = programsOnPath('mvn', env);
  if (command === undefined) return undefined;
  const environments = [env, ...(javaHome === undefined ? [] : [{ ...env, JAVA_HOME: javaHome }])];
  for (const candidate of environments) {
    const { stdout, exitCode } = await run(command, ['--version'], { env: candidate, timeoutMs: 20_000, signal });
    if (exitCode === 0)
      return { command, env: candidate, version: /Apache Maven (\d[\w.-]*)/.exec(stdout)?.[1] ?? '?' };
  }
  return undefined;
}

/** Maven out of Debian's package: a shell script that finds everything by two variables. */
export function unpackedMaven(root: string, javaHome: string, env: NodeJS.ProcessEnv): Maven {
  const home = join(root, 'usr', 'share', 'maven');
  return { command: join(home, 'bin', 'mvn'), env: { ...env, JAVA_HOME: javaHome, M2_HOME: home, MAVEN_HOME: home } };
}

/** A private JRE trusts nobody by itself: hands Maven the machine's certificate authorities. */
export function trusting(maven: Maven, storeFile: string): Maven {
  const store = javaKeyStore(trustedCertificates(maven.env), trustStorePassword, systemClock.now());
  mkdirSync(dirname(storeFile), { recursive: true });
  writeFileSync(storeFile, store);
  const options = `-Djavax.net.ssl.trustStore=${storeFile} -Djavax.net.ssl.trustStorePassword=${trustStorePassword}`;
  return { ...maven, env: { ...maven.env, MAVEN_OPTS: `${maven.env.MAVEN_OPTS ?? ''} ${options}`.trim() } };
}

function pomFile(engine: string): string {
  return join(packageRoot, 'infra', 'stack', 'native', 'poms', `${engine}.xml`);
}

/** The version that the engine's pom pins; the pom is its only home. */
export function pinnedVersion(engine: string): string {
  const version = /<engine\.version>([^<]+)</.exec(readFileSync(pomFile(engine), 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${pomFile(engine)} pins no engine.version`);
  return version;
}

export type MavenGoal = 'dependency:copy-dependencies' | 'dependency:unpack';

export interface GoalOptions {
  readonly engine: string;
  readonly goal: MavenGoal;
  /** Where the jars go. */
  readonly folder: string;
  /** A repository of our own, so that the operator's ~/.m2 stays as it is. */
  readonly repository: string;
  /** Goes into Maven's environment. */
  readonly mark: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Runs one goal of the engine's pom. @throws EngineError with Maven's own words; InterruptedError. */
export async function runGoal(
  maven: Maven,
  { engine, goal, folder, repository, mark, signal }: GoalOptions,
): Promise<void> {
  // The plugin leaves its markers beside the pom.
  const project = join(folder, '.project');
  mkdirSync(project, { recursive: true });
  copyFileSync(pomFile(engine), join(project, 'pom.xml'));
  const settings = [`-Dmaven.repo.local=${repository}`, `-DoutputDirectory=${folder}`, ...patience];
  // Without strict checksums a broken download is a warning, and is used.
  const args = ['--batch-mode', '--quiet', '--no-transfer-progress', '--strict-checksums', ...settings, goal];
  const env = { ...maven.env, ...mark };
  const result = await run(maven.command, args, { cwd: project, env, timeoutMs: goalTimeoutMs, signal });
  if (signal.aborted) throw new InterruptedError();
  if (result.problem !== undefined) throw goalFailed(engine, result.stdout || result.stderr || result.problem);
  rmSync(project, { recursive: true });
}

function goalFailed(engine: string, output: string): EngineError {
  const errors = output.split('\n').filter((line) => line.includes('ERROR'));
  const said = (errors.length > 0 ? errors : output.split('\n')).slice(0, 2).join(' · ').slice(0, 600);
  return fetchFailure(
    { ko: `Maven이 ${engine}의 jar를 가져오지 못했습니다`, en: `Maven could not fetch the jars of ${engine}` },
    {
      said,
      tools: output,
      cure: {
        ko: '네트워크를 확인하고, 프록시나 미러를 쓴다면 ~/.m2/settings.xml에 적으십시오',
        en: 'check the network; behind a proxy or a mirror, name it in ~/.m2/settings.xml',
      },
    },
  );
}

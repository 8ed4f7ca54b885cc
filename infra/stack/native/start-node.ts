import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { systemClock, waitFor } from '../../clock.ts';
import { EngineError, TimeoutError } from '../../errors.ts';
import { isAlive, type ProcessIdentity, spawnDaemon } from '../../process.ts';
import type { Layout } from './layout.ts';
import { markOf } from './node-mark.ts';
import { writeRecord } from './node-record.ts';
import type { NativeNode } from './nodes/native-node.ts';

/**
 * Starts the node's process as a daemon and writes its record. It does not serve yet: see `waitUntilAnswers`.
 * @throws EngineError when its data cannot be made or the process cannot be started.
 */
export async function launchNode(node: NativeNode, layout: Layout, signal: AbortSignal): Promise<ProcessIdentity> {
  await node.prepare(signal);
  for (const log of [layout.logFile(node.name), layout.outFile(node.name)]) keepOneOlder(log);
  const { command, args, cwd, printsItsLog } = node.launch;
  const process = await spawnDaemon(command, args, {
    logFile: printsItsLog ? layout.logFile(node.name) : layout.outFile(node.name),
    cwd,
    env: { ...engineEnvironment(), ...markOf(layout.stackDir, node.name) },
  });
  writeRecord(layout, node.name, { process, version: node.version });
  return process;
}

/** Only what an engine needs: JAVA_TOOL_OPTIONS, MYSQL_HOME and the like of the operator's shell must not change it. */
function engineEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, TZ } = process.env;
  const inherited = Object.entries({ PATH, HOME, TMPDIR, TZ }).filter(([, value]) => value !== undefined);
  // A JVM can open files with non-ASCII names only under a UTF-8 locale.
  return { ...Object.fromEntries(inherited), LC_ALL: 'C.UTF-8' };
}

/** A log begins with its process; the one before is kept. */
function keepOneOlder(file: string): void {
  if (!existsSync(file)) return;
  rmSync(`${file}.1`, { force: true });
  renameSync(file, `${file}.1`);
}

/**
 * Waits until the node answers its own protocol. @returns milliseconds waited.
 * @throws EngineError when its process ends, or it does not answer in time; InterruptedError.
 */
export async function waitUntilAnswers(
  node: NativeNode,
  process: ProcessIdentity,
  layout: Layout,
  signal: AbortSignal,
): Promise<number> {
  const startMs = systemClock.monotonic();
  const check = async (): Promise<boolean> => {
    if (await node.answers().catch(() => false)) return true;
    if (!(await isAlive(process))) throw ended(node, layout);
    return false;
  };
  try {
    await waitFor(`${node.name} to answer`, check, { timeoutMs: node.readyTimeoutMs, intervalMs: 100, signal });
  } catch (error) {
    throw error instanceof TimeoutError ? silent(node, layout) : error;
  }
  return systemClock.monotonic() - startMs;
}

function ended(node: NativeNode, layout: Layout): EngineError {
  return new EngineError(
    node.engine,
    { ko: `${node.name} 프로세스가 시작하자마자 끝났습니다`, en: `${node.name} ended while it was starting` },
    { why: lastWords(node, layout), tryThis: [`labctl logs ${node.name}`, 'labctl doctor'] },
  );
}

function silent(node: NativeNode, layout: Layout): EngineError {
  const seconds = node.readyTimeoutMs / 1000;
  return new EngineError(
    node.engine,
    {
      ko: `${node.name} 프로세스는 살아 있지만 ${seconds}초 동안 응답하지 않습니다`,
      en: `${node.name} runs, and gives no answer for ${seconds} s`,
    },
    { why: lastWords(node, layout), tryThis: [`labctl logs ${node.name}`, 'labctl down', 'labctl up'] },
  );
}

const errorLine = /\b(ERROR|FATAL|Exception|error while loading|Can't|cannot)\b/;

/** The first line of its output or log that looks like the reason, else the last one. */
function lastWords({ name }: NativeNode, layout: Layout): string {
  const lines = [layout.outFile(name), layout.logFile(name)].flatMap((file) =>
    existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [],
  );
  const spoken = lines.filter((line) => line.trim() !== '');
  return (spoken.find((line) => errorLine.test(line)) ?? spoken.at(-1) ?? 'it said nothing').slice(0, 400);
}

import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { EngineError, InterruptedError } from '../../../errors.ts';
import { run } from '../../../process.ts';
import type { Settings } from '../../settings/kafka.ts';
import type { NodeName } from '../../stack.ts';
import type { Layout } from '../layout.ts';
import { toolMarkOf } from '../node-mark.ts';
import { makeFirstData } from './first-data.ts';
import { renderProperties } from './kafka-settings.ts';

export type KafkaNodeName = Extract<NodeName, `kafka-${string}`>;
const kafkaNodeNames: readonly KafkaNodeName[] = ['kafka-controller', 'kafka-1', 'kafka-2', 'kafka-3'];

export interface FormatOptions {
  readonly layout: Layout;
  readonly node: KafkaNodeName;
  readonly nodeId: number;
  readonly settings: (dataDir: string) => Settings;
  /** Runs a main class of Kafka's in the stack's folder, to its end. */
  readonly java: { readonly command: string; readonly args: readonly string[] };
  readonly signal: AbortSignal;
}

/** Gives a node's data folder its identity, once. @throws EngineError with the tool's own words; InterruptedError. */
export async function formatOnce(options: FormatOptions): Promise<void> {
  const { layout, node, nodeId } = options;
  const dataDir = layout.dataDir(node);
  // A folder without identity is no obstacle: no node ever ran on it.
  if (clusterIdIn(dataDir) !== undefined) return;
  await makeFirstData(dataDir, async (aside) => {
    if (node === 'kafka-controller') await formatController(aside, options);
    else writeBrokerIdentity(join(aside, 'data'), { nodeId, clusterId: clusterId(layout) });
  });
}

/** The controller's first metadata (feature levels) is Kafka's own business. */
async function formatController(aside: string, { layout, node, settings, java, signal }: FormatOptions): Promise<void> {
  const relativeTo = (path: string): string => relative(layout.stackDir, path);
  const file = join(aside, 'format.properties');
  writeFileSync(file, renderProperties(settings(relativeTo(join(aside, 'data')))));
  const args = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId(layout), '--config', relativeTo(file)];
  const result = await run(java.command, [...java.args, ...args], {
    cwd: layout.stackDir,
    env: { ...process.env, ...toolMarkOf(layout.stackDir) },
    timeoutMs: 90_000,
    signal,
  });
  if (signal.aborted) throw new InterruptedError();
  if (result.problem !== undefined) throw formatFailed(node, result.stderr || result.stdout || result.problem);
}

/**
 * What StorageTool writes for a broker that is no controller: this file and nothing else (seen with 4.4.0). Written here,
 * three JVMs need not be started for it.
 */
function writeBrokerIdentity(
  folder: string,
  { nodeId, clusterId }: { readonly nodeId: number; readonly clusterId: string },
): void {
  mkdirSync(folder, { recursive: true });
  const identity: Settings = {
    version: 1,
    'cluster.id': clusterId,
    'node.id': nodeId,
    'directory.id': randomKafkaId(),
  };
  writeFileSync(join(folder, 'meta.properties'), renderProperties(identity));
}

/**
 * The cluster's identity: random, so that a wiped cluster is seen to be another one. Kept beside the data; where only
 * data is left it is read back from there, as a node that disagrees about it refuses to start.
 */
function clusterId(layout: Layout): string {
  const file = join(dirname(layout.dataDir('kafka-controller')), 'kafka-cluster-id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const known = kafkaNodeNames.map((node) => clusterIdIn(layout.dataDir(node))).find((id) => id !== undefined);
  const id = known ?? randomKafkaId();
  writeFileSync(`${file}.new`, `${id}\n`);
  renameSync(`${file}.new`, file);
  return id;
}

function clusterIdIn(folder: string): string | undefined {
  try {
    return /^cluster\.id=(.+)$/m.exec(readFileSync(join(folder, 'meta.properties'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

/** 16 bytes in base64url, as Kafka writes its ids. Never with a dash in front, which its tools would take for an option. */
function randomKafkaId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

function formatFailed(node: string, output: string): EngineError {
  return new EngineError(
    'kafka',
    { ko: `${node}의 저장소를 포맷하지 못했습니다`, en: `the storage of ${node} could not be formatted` },
    { why: output.trim().split('\n').slice(-3).join(' · ').slice(0, 600) },
  );
}

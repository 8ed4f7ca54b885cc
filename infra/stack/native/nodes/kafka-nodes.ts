import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { EngineError, InterruptedError } from '../../../errors.ts';
import { run } from '../../../process.ts';
import type { Ports } from '../../ports.ts';
import { brokerIds, type NodeName } from '../../stack.ts';
import type { Layout } from '../layout.ts';
import {
  brokerSettings,
  controllerSettings,
  log4jSettings,
  renderProperties,
  type Settings,
} from './kafka-settings.ts';
import { liveBrokers, speaksKafka } from './kafka-wire.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

type KafkaNode = Extract<NodeName, `kafka-${string}`>;

/** Seconds faster to start than the server JVM's defaults, and half the memory; measured with these settings. */
const jvmFlags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k', '-Djava.awt.headless=true'];
const heapFlags = ['-Xms64m', '-Xmx256m', '-XX:MaxMetaspaceSize=128m'];

export function kafkaNodes(context: NodeContext): readonly NativeNode[] {
  const { ports } = context;
  const at = (port: number) => ({ host: '127.0.0.1', port });
  const brokers = (['kafka-1', 'kafka-2', 'kafka-3'] as const).map((name) =>
    kafkaNode(name, context, {
      settings: (dataDir) => brokerSettings(brokerIds[name], ports, dataDir),
      // Alive in its own eyes: registered with the controller and unfenced.
      answers: async () => (await liveBrokers(at(ports[name]))).includes(brokerIds[name]),
    }),
  );
  const controller = kafkaNode('kafka-controller', context, {
    settings: (dataDir) => controllerSettings(ports, dataDir),
    answers: () => speaksKafka(at(ports['kafka-controller'])),
  });
  return [controller, ...brokers];
}

/** True when each of the three brokers knows all three to be alive. */
export async function clusterIsWhole(ports: Ports): Promise<boolean> {
  const names = Object.keys(brokerIds) as (keyof typeof brokerIds)[];
  const views = await Promise.all(names.map((name) => liveBrokers({ host: '127.0.0.1', port: ports[name] })));
  return views.every((ids) => ids.length === names.length);
}

interface KafkaRole {
  readonly settings: (dataDir: string) => Settings;
  answers(): Promise<boolean>;
}

function kafkaNode(name: KafkaNode, { layout, engines }: NodeContext, role: KafkaRole): NativeNode {
  const { kafka, java } = engines;
  const classPath = join(kafka.folder, 'lib', '*');
  const relativeTo = (path: string): string => relative(layout.stackDir, path);
  const settingsFile = join(layout.confDir, `${name}.properties`);
  const log4jFile = join(layout.confDir, 'kafka-log4j2.properties');
  return {
    name,
    engine: 'kafka',
    version: kafka.version,
    async prepare(signal) {
      writeFileSync(settingsFile, renderProperties(role.settings(relativeTo(layout.dataDir(name)))));
      writeFileSync(log4jFile, renderProperties(log4jSettings));
      if (formattedId(layout.dataDir(name)) !== undefined) return;
      const blank = `${layout.dataDir(name)}.new`;
      const formatFile = `${settingsFile}.format`;
      rmSync(blank, { recursive: true, force: true });
      writeFileSync(formatFile, renderProperties(role.settings(relativeTo(blank))));
      const tool = ['-cp', classPath, 'kafka.tools.StorageTool', 'format'];
      const args = ['--cluster-id', clusterId(layout), '--config', relativeTo(formatFile)];
      const result = await run(java.command, [...jvmFlags, ...tool, ...args], {
        cwd: layout.stackDir,
        timeoutMs: 60_000,
        signal,
      });
      if (signal.aborted) throw new InterruptedError();
      if (result.problem !== undefined) throw formatFailed(name, result.stderr || result.stdout || result.problem);
      // What stands there has no identity, so no node ever ran on it.
      rmSync(layout.dataDir(name), { recursive: true, force: true });
      renameSync(blank, layout.dataDir(name));
    },
    launch: {
      command: java.command,
      args: [
        ...heapFlags,
        ...jvmFlags,
        `-Dlab.log=${relativeTo(layout.logFile(name))}`,
        `-Dlog4j2.configurationFile=${relativeTo(log4jFile)}`,
        '-cp',
        classPath,
        'kafka.Kafka',
        relativeTo(settingsFile),
      ],
      cwd: layout.stackDir,
    },
    answers: role.answers,
    readyTimeoutMs: 60_000,
  };
}

/**
 * The cluster's identity: random, so that a wiped cluster is seen to be another one. Kept beside the data; where only
 * data is left it is read back from there, as a node that disagrees about it refuses to start.
 */
function clusterId(layout: Layout): string {
  const file = join(dirname(layout.dataDir('kafka-1')), 'kafka-cluster-id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const nodes = ['kafka-controller', 'kafka-1', 'kafka-2', 'kafka-3'] as const;
  const known = nodes.map((node) => formattedId(layout.dataDir(node))).find((id) => id !== undefined);
  const id = known ?? randomClusterId();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${id}\n`);
  renameSync(`${file}.new`, file);
  return id;
}

/** 16 bytes in base64url. Never with a dash in front, which Kafka's own tools would take for an option. */
function randomClusterId(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes.toString('base64url');
}

function formattedId(dataDir: string): string | undefined {
  try {
    return /^cluster\.id=(.+)$/m.exec(readFileSync(join(dataDir, 'meta.properties'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function formatFailed(node: string, output: string): EngineError {
  return new EngineError(
    'kafka',
    { ko: `${node}의 저장소를 포맷하지 못했습니다`, en: `the storage of ${node} could not be formatted` },
    { why: output.trim().split('\n').slice(-3).join(' · ').slice(0, 600) },
  );
}

import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Ports } from '../../ports.ts';
import { brokerIds } from '../../stack.ts';
import type { NodeSet } from './all-nodes.ts';
import { formatOnce, type KafkaNodeName } from './kafka-format.ts';
import {
  brokerSettings,
  controllerId,
  controllerSettings,
  log4jSettings,
  renderProperties,
  type Settings,
} from './kafka-settings.ts';
import { liveBrokers, speaksKafka } from './kafka-wire.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

/** Seconds faster to start than the server JVM's defaults, and half the memory; measured with these settings. */
const jvmFlags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k', '-Djava.awt.headless=true'];
const heapFlags = ['-Xms64m', '-Xmx256m', '-XX:MaxMetaspaceSize=128m'];

export function kafkaNodes(context: NodeContext): Pick<NodeSet, 'controller' | 'brokers'> {
  const { ports } = context;
  const at = (port: number) => ({ host: '127.0.0.1', port });
  const brokers = (['kafka-1', 'kafka-2', 'kafka-3'] as const).map((name) =>
    kafkaNode(name, context, {
      id: brokerIds[name],
      settings: (dataDir) => brokerSettings(brokerIds[name], ports, dataDir),
      // Alive in its own eyes: registered with the controller and unfenced.
      answers: async () => (await liveBrokers(at(ports[name]))).includes(brokerIds[name]),
    }),
  );
  const controller = kafkaNode('kafka-controller', context, {
    id: controllerId,
    settings: (dataDir) => controllerSettings(ports, dataDir),
    answers: () => speaksKafka(at(ports['kafka-controller'])),
  });
  return { controller, brokers };
}

/** True when each of the three brokers knows all three to be alive. */
export async function clusterIsWhole(ports: Ports): Promise<boolean> {
  const names = Object.keys(brokerIds) as (keyof typeof brokerIds)[];
  const views = await Promise.all(names.map((name) => liveBrokers({ host: '127.0.0.1', port: ports[name] })));
  return views.every((ids) => ids.length === names.length);
}

interface KafkaRole {
  readonly id: number;
  readonly settings: (dataDir: string) => Settings;
  answers(): Promise<boolean>;
}

function kafkaNode(name: KafkaNodeName, { layout, engines }: NodeContext, role: KafkaRole): NativeNode {
  const { kafka, java } = engines;
  const classPath = join(kafka.folder, 'lib', '*');
  const relativeTo = (path: string): string => relative(layout.stackDir, path);
  const settingsFile = join(layout.confDir, `${name}.properties`);
  const javaTool = { command: java.command, args: [...jvmFlags, '-cp', classPath] };
  const log4jFile = join(layout.confDir, 'kafka-log4j2.properties');
  return {
    name,
    engine: 'kafka',
    version: kafka.version,
    async prepare(signal) {
      writeFileSync(settingsFile, renderProperties(role.settings(relativeTo(layout.dataDir(name)))));
      writeFileSync(log4jFile, renderProperties(log4jSettings));
      await formatOnce({ layout, node: name, nodeId: role.id, settings: role.settings, java: javaTool, signal });
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
    readyTimeoutMs: 90_000,
  };
}

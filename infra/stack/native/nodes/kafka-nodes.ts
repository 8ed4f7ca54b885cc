import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { nodeAnswers } from '../../answers.ts';
import { controllerId, kafkaHeapFlags, kafkaJvmFlags, type Settings } from '../../settings/kafka.ts';
import { brokerIds } from '../../stack.ts';
import type { NodeSet } from './all-nodes.ts';
import { formatOnce, type KafkaNodeName } from './kafka-format.ts';
import { brokerSettings, controllerSettings, log4jSettings, renderProperties } from './kafka-settings.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

export function kafkaNodes(context: NodeContext): Pick<NodeSet, 'controller' | 'brokers'> {
  const { ports } = context;
  const brokers = (['kafka-1', 'kafka-2', 'kafka-3'] as const).map((name) =>
    kafkaNode(name, context, {
      id: brokerIds[name],
      settings: (dataDir) => brokerSettings(brokerIds[name], ports, dataDir),
      answers: () => nodeAnswers(name, context),
    }),
  );
  const controller = kafkaNode('kafka-controller', context, {
    id: controllerId,
    settings: (dataDir) => controllerSettings(ports, dataDir),
    answers: () => nodeAnswers('kafka-controller', context),
  });
  return { controller, brokers };
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
  const javaTool = { command: java.command, args: [...kafkaJvmFlags, '-cp', classPath] };
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
        ...kafkaHeapFlags,
        ...kafkaJvmFlags,
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

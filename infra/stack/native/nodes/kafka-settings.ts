import type { Ports } from '../../ports.ts';
import { brokerTuning, controllerId, controllerTuning, type Settings } from '../../settings/kafka.ts';

/** Pure: the property files of controller and brokers that run as processes of this machine. */

const listenerSettings = {
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
} as const;

export function controllerSettings(ports: Ports, dataDir: string): Settings {
  const address = `127.0.0.1:${ports['kafka-controller']}`;
  return {
    'process.roles': 'controller',
    'node.id': controllerId,
    'controller.quorum.voters': `${controllerId}@${address}`,
    listeners: `CONTROLLER://${address}`,
    ...listenerSettings,
    'log.dirs': dataDir,
    ...controllerTuning,
  };
}

export function brokerSettings(id: 1 | 2 | 3, ports: Ports, dataDir: string): Settings {
  const listener = `PLAINTEXT://127.0.0.1:${ports[`kafka-${id}`]}`;
  return {
    'process.roles': 'broker',
    'node.id': id,
    'broker.rack': `rack-${id}`,
    'controller.quorum.voters': `${controllerId}@127.0.0.1:${ports['kafka-controller']}`,
    listeners: listener,
    'advertised.listeners': listener,
    'inter.broker.listener.name': 'PLAINTEXT',
    ...listenerSettings,
    'log.dirs': dataDir,
    ...brokerTuning,
  };
}

/** java.util.Properties reads Latin-1 and takes a backslash for an escape. */
export function renderProperties(settings: Settings): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${escaped(String(value))}`);
  return `${lines.join('\n')}\n`;
}

function escaped(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The brokers' log: to the file named by -Dlab.log, two files of 8 MiB at most. */
export const log4jSettings: Settings = {
  status: 'error',
  'appender.file.type': 'RollingFile',
  'appender.file.name': 'file',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Log4j's own placeholder
  'appender.file.fileName': '${sys:lab.log}',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Log4j's own placeholder
  'appender.file.filePattern': '${sys:lab.log}.%i',
  'appender.file.append': 'true',
  'appender.file.layout.type': 'PatternLayout',
  'appender.file.layout.pattern': '%d{yyyy-MM-dd HH:mm:ss.SSS} %p %c{1} %m%n',
  'appender.file.policies.type': 'Policies',
  'appender.file.policies.size.type': 'SizeBasedTriggeringPolicy',
  'appender.file.policies.size.size': '8MB',
  'appender.file.strategy.type': 'DefaultRolloverStrategy',
  'appender.file.strategy.max': 1,
  'rootLogger.level': 'info',
  'rootLogger.appenderRef.file.ref': 'file',
  'logger.clients.name': 'org.apache.kafka.clients',
  'logger.clients.level': 'warn',
  'logger.requests.name': 'kafka.request.logger',
  'logger.requests.level': 'warn',
};

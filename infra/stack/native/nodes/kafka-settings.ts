import type { Ports } from '../../ports.ts';

/** Pure: the settings of controller and brokers. Small buffers and short timeouts: a lab wants to see faults soon. */

export const controllerId = 100;

export type Settings = Readonly<Record<string, string | number>>;

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
    'num.network.threads': 1,
    'num.io.threads': 1,
    'background.threads': 1,
    'broker.session.timeout.ms': 6_000,
    'leader.imbalance.check.interval.seconds': 10,
    'auto.leader.rebalance.enable': 'false',
    'default.replication.factor': 3,
    'min.insync.replicas': 1,
    'metadata.log.segment.bytes': 8_388_608,
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
    ...smallBroker,
    ...internalTopics,
    ...soonSeen,
  };
}

const smallBroker: Settings = {
  'num.network.threads': 2,
  'num.io.threads': 2,
  'background.threads': 2,
  'num.replica.fetchers': 1,
  'num.recovery.threads.per.data.dir': 1,
  'group.coordinator.threads': 1,
  'share.coordinator.threads': 1,
  'log.cleaner.threads': 1,
  'log.cleaner.dedupe.buffer.size': 2_097_152,
  'log.cleaner.io.buffer.size': 65_536,
  'log.index.size.max.bytes': 1_048_576,
  'offsets.load.buffer.size': 1_048_576,
  'transaction.state.log.load.buffer.size': 1_048_576,
  'socket.send.buffer.bytes': 102_400,
  'socket.receive.buffer.bytes': 102_400,
  'log.segment.bytes': 67_108_864,
  'metadata.log.segment.bytes': 8_388_608,
};

const internalTopics: Settings = {
  'offsets.topic.num.partitions': 6,
  'offsets.topic.replication.factor': 3,
  'offsets.topic.segment.bytes': 8_388_608,
  'transaction.state.log.num.partitions': 6,
  'transaction.state.log.replication.factor': 3,
  'transaction.state.log.min.isr': 2,
  'transaction.state.log.segment.bytes': 8_388_608,
  'share.coordinator.state.topic.num.partitions': 1,
  'share.coordinator.state.topic.replication.factor': 3,
  'share.coordinator.state.topic.min.isr': 2,
  'default.replication.factor': 3,
  'num.partitions': 3,
  'auto.create.topics.enable': 'false',
};

const soonSeen: Settings = {
  'auto.leader.rebalance.enable': 'false',
  'controlled.shutdown.enable': 'true',
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1_000,
  'broker.session.timeout.ms': 6_000,
  'broker.heartbeat.interval.ms': 1_000,
  'replica.lag.time.max.ms': 4_000,
  'replica.fetch.wait.max.ms': 500,
  'replica.socket.timeout.ms': 5_000,
  'replica.fetch.backoff.ms': 500,
  'request.timeout.ms': 10_000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1_000,
  'transaction.remove.expired.transaction.cleanup.interval.ms': 60_000,
};

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

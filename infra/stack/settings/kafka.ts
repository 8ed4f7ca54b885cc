/**
 * Pure: what controller and brokers are set to, whatever runs them; where they listen is the driver's business.
 * Small buffers and short timeouts: a lab wants to see faults soon.
 */

export const controllerId = 100;

export type Settings = Readonly<Record<string, string | number>>;

/** Seconds faster to start than the server JVM's defaults, and half the memory; measured with these settings. */
export const kafkaJvmFlags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k', '-Djava.awt.headless=true'];
export const kafkaHeapFlags = ['-Xms64m', '-Xmx256m', '-XX:MaxMetaspaceSize=128m'];

export const controllerTuning: Settings = {
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

export const brokerTuning: Settings = { ...smallBroker, ...internalTopics, ...soonSeen };

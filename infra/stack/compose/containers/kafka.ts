import { images } from '../../settings/images.ts';
import {
  brokerTuning,
  controllerId,
  controllerTuning,
  kafkaHeapFlags,
  kafkaJvmFlags,
  type Settings,
} from '../../settings/kafka.ts';
import { brokerIds } from '../../stack.ts';
import { after, basics, healthCheck, hostPort, published, type Service, type Services, scripts } from '../service.ts';

const controllerPort = 9093;
const hostListenerPort = 9092;
const internalPort = 29092;
const dataDir = '/var/lib/kafka/data';

type Broker = keyof typeof brokerIds;
export const brokers = Object.keys(brokerIds) as Broker[];

/** Where other containers find the brokers. */
export const internalBrokers = brokers.map((name) => `${name}:${internalPort}`).join(',');

const quorum = {
  'controller.quorum.voters': `${controllerId}@kafka-controller:${controllerPort}`,
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,HOST:PLAINTEXT',
};

export function controllerProperties(): Settings {
  return {
    'process.roles': 'controller',
    'node.id': controllerId,
    ...quorum,
    listeners: `CONTROLLER://:${controllerPort}`,
    'log.dirs': dataDir,
    ...controllerTuning,
  };
}

export function brokerProperties(name: Broker): Settings {
  const id = brokerIds[name];
  return {
    'process.roles': 'broker',
    'node.id': id,
    'broker.rack': `rack-${id}`,
    ...quorum,
    listeners: `INTERNAL://:${internalPort},HOST://:${hostListenerPort}`,
    'advertised.listeners': `INTERNAL://${name}:${internalPort},HOST://127.0.0.1:${hostPort(name)}`,
    'inter.broker.listener.name': 'INTERNAL',
    'log.dirs': dataDir,
    ...brokerTuning,
  };
}

/** As the image takes a property: `num.io.threads` is KAFKA_NUM_IO_THREADS. */
export function kafkaVariables(settings: Settings): Readonly<Record<string, string>> {
  const entries = Object.entries(settings).map(([name, value]) => [variableOf(name), String(value)] as const);
  return Object.fromEntries(entries);
}

/** Underscores and dashes in a property's name have longer forms, which none of ours needs. */
function variableOf(property: string): string {
  if (!/^[a-z.]+$/.test(property)) throw new Error(`${property} is no plain property name`);
  return `KAFKA_${property.toUpperCase().replaceAll('.', '_')}`;
}

/** The same in all four containers; a volume that was formatted with another one would not be accepted. */
const clusterId = 'bGFiY3RsLWNvbXBvc2UtMQ';

function kafkaService(properties: Settings, port: string): Omit<Service, 'healthcheck' | 'volumes'> {
  return {
    image: images.kafka,
    environment: {
      CLUSTER_ID: clusterId,
      KAFKA_HEAP_OPTS: kafkaHeapFlags.join(' '),
      KAFKA_JVM_PERFORMANCE_OPTS: kafkaJvmFlags.join(' '),
      ...kafkaVariables(properties),
    },
    ports: [port],
    ...basics('640m'),
    // A broker hands its partitions over before it goes.
    stop_grace_period: '30s',
  };
}

const controller: Service = {
  ...kafkaService(controllerProperties(), published('kafka-controller', controllerPort)),
  volumes: [`kafka-controller:${dataDir}`, scripts],
  healthcheck: healthCheck('bash', '/labctl/kafka-answers.sh', '127.0.0.1', String(controllerPort)),
};

function broker(name: Broker): Service {
  return {
    ...kafkaService(brokerProperties(name), published(name, hostListenerPort)),
    volumes: [`${name}:${dataDir}`, scripts],
    // Stopped in the reverse order: a broker whose controller is gone waits five minutes in its controlled shutdown.
    depends_on: after('service_healthy', 'kafka-controller'),
    healthcheck: healthCheck('bash', '/labctl/kafka-answers.sh', '127.0.0.1', String(internalPort)),
  };
}

export const kafkaServices: Services = {
  'kafka-controller': {
    about: 'The dedicated KRaft controller. Its port is published so that labctl can ask it by itself.',
    service: controller,
  },
  ...Object.fromEntries(
    brokers.map((name, index) => [
      name,
      {
        about:
          index === 0
            ? 'Brokers. HOST is for programs of this machine, INTERNAL for other containers and among themselves: a broker\ntells a client where to find it, and 127.0.0.1 is right for one of the two only.'
            : 'As kafka-1.',
        service: broker(name),
      },
    ]),
  ),
};

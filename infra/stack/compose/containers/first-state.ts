import { labScopeName, scopeOf } from '../../../contract/scope.ts';
import { eventTopicShape, topicsOf } from '../../../kafka/topics.ts';
import { migrationLock, migrationTables } from '../../../mysql/migrate.ts';
import { subjectOf } from '../../../registry/codec.ts';
import { images } from '../../settings/images.ts';
import { registryCompatibility } from '../../settings/registry.ts';
import { after, basics, type Service, type Services, scripts } from '../service.ts';
import { brokers, internalBrokers } from './kafka.ts';
import { registryPort, rootPassword } from './stores.ts';

/** One-shot services that leave what `labctl up` leaves: topics, tables, the schema. Each may run again at any time. */

const lab = scopeOf(labScopeName);

const topics: Service = {
  image: images.kafka,
  entrypoint: ['bash', '/labctl/init-topics.sh'],
  command: [
    internalBrokers,
    String(eventTopicShape.replicationFactor),
    String(eventTopicShape.minInSyncReplicas),
    ...topicsOf(lab).map(({ topic, partitions, recordBytesMax }) => `${topic}:${partitions}:${recordBytesMax}`),
  ],
  environment: { KAFKA_HEAP_OPTS: '-Xmx128m' },
  volumes: [scripts],
  depends_on: after('service_healthy', ...brokers),
  ...basics('384m'),
};

const database: Service = {
  image: images.mysql,
  entrypoint: ['bash', '/labctl/init-database.sh'],
  command: ['mysql', '3306', lab.database, migrationLock(lab.database), migrationTables, '/migrations'],
  environment: { MYSQL_PWD: rootPassword },
  volumes: ['./infra/mysql/migrations:/migrations:ro', scripts],
  depends_on: after('service_healthy', 'mysql'),
  ...basics('128m'),
};

const schemaFile = 'balance-changed.v1.avsc';

const schema: Service = {
  image: images.kafka,
  entrypoint: ['bash', '/labctl/init-schema.sh'],
  command: [
    'schema-registry',
    String(registryPort),
    registryCompatibility,
    subjectOf(lab.topics.events),
    `/contract/${schemaFile}`,
  ],
  volumes: ['./infra/contract:/contract:ro', scripts],
  depends_on: after('service_healthy', 'schema-registry'),
  ...basics('64m'),
};

export const firstStateServices: Services = {
  'init-topics': { about: 'One-shot: the topics that are missing.', service: topics },
  'init-database': {
    about: 'One-shot: the migrations that the database does not have yet, noted where `labctl up` notes them.',
    service: database,
  },
  'init-schema': {
    about: "One-shot: the global compatibility and the schema of the event topic. Kafka's image, because it has bash.",
    service: schema,
  },
};

/** Whoever waits for these finds the lab as `labctl up` leaves it. */
export const firstState = after('service_completed_successfully', ...Object.keys(firstStateServices));

import { pinnedVersion } from '../native/fetch/maven.ts';

/**
 * What each service of docker-compose.yml is made from. Kafka and the registry are of the very version that the native
 * stack fetches; MySQL is the series of the distribution's packages, Redis the release they were measured with.
 */
export const images = {
  kafka: `apache/kafka:${pinnedVersion('kafka')}`,
  mysql: 'mysql:9.7',
  redis: 'redis:7.0.15',
  registry: `apicurio/apicurio-registry:${pinnedVersion('schema-registry')}`,
  prometheus: 'prom/prometheus:v3.5.0',
  grafana: 'grafana/grafana:12.1.1',
  kafkaUi: 'kafbat/kafka-ui:v1.5.0',
} as const;

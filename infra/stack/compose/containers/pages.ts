import { images } from '../../settings/images.ts';
import { after, basics, healthCheck, published, type Service, type Services } from '../service.ts';
import { firstState } from './first-state.ts';
import { brokers, internalBrokers } from './kafka.ts';
import { registryPort } from './stores.ts';

const prometheusPort = 9090;
const grafanaPort = 3000;
const kafkaUiPort = 8080;

const prometheus: Service = {
  image: images.prometheus,
  command: [
    '--config.file=/etc/prometheus/prometheus.yml',
    '--storage.tsdb.path=/prometheus',
    '--storage.tsdb.retention.time=1d',
    `--web.listen-address=0.0.0.0:${prometheusPort}`,
  ],
  ports: [published('prometheus', prometheusPort)],
  volumes: ['./infra/stack/compose/prometheus.yml:/etc/prometheus/prometheus.yml:ro', 'prometheus:/prometheus'],
  healthcheck: healthCheck('promtool', 'check', 'healthy', `--url=http://127.0.0.1:${prometheusPort}`),
  ...basics('256m'),
};

const grafana: Service = {
  image: images.grafana,
  environment: {
    GF_AUTH_ANONYMOUS_ENABLED: 'true',
    GF_AUTH_ANONYMOUS_ORG_ROLE: 'Editor',
    GF_AUTH_DISABLE_LOGIN_FORM: 'true',
    GF_ANALYTICS_REPORTING_ENABLED: 'false',
    GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  },
  ports: [published('grafana', grafanaPort)],
  volumes: [
    './infra/stack/compose/grafana-datasources.yml:/etc/grafana/provisioning/datasources/lab.yml:ro',
    'grafana:/var/lib/grafana',
  ],
  depends_on: after('service_healthy', 'prometheus'),
  healthcheck: healthCheck('wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${grafanaPort}/api/health`),
  ...basics('384m'),
};

const kafkaUi: Service = {
  image: images.kafkaUi,
  environment: {
    JAVA_OPTS: '-Xmx256m',
    KAFKA_CLUSTERS_0_NAME: 'lab',
    KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS: internalBrokers,
    KAFKA_CLUSTERS_0_SCHEMAREGISTRY: `http://schema-registry:${registryPort}/apis/ccompat/v7`,
  },
  ports: [published('kafka-ui', kafkaUiPort)],
  depends_on: { ...after('service_healthy', ...brokers, 'schema-registry'), ...firstState },
  healthcheck: healthCheck('wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${kafkaUiPort}/actuator/health`),
  ...basics('640m'),
};

/** What people open in a browser. */
export const pageServices: Services = {
  prometheus: { about: 'Prometheus keeps a day of time series.', service: prometheus },
  grafana: {
    about: 'Grafana, open to whoever is on this machine, with Prometheus as its data source.',
    notes: { healthcheck: "wget is BusyBox', which images made from Alpine have." },
    service: grafana,
  },
  'kafka-ui': {
    about:
      'Kafka UI. It waits for the one-shot services, and so does `docker compose up -d`: when that returns, topics,\ntables and schema are there.',
    service: kafkaUi,
  },
};

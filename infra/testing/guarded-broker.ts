import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../clock.ts';
import type { Config } from '../config.ts';
import { kafkaClient } from '../kafka/client.ts';
import { run, spawnDaemon, terminate } from '../process.ts';
import { fetchEngines, fetchKafkaTools } from '../stack/native/fetch/fetch-engines.ts';
import { renderProperties } from '../stack/native/nodes/kafka-settings.ts';
import { writeShims } from '../stack/native/shims.ts';
import { kafkaHeapFlags, kafkaJvmFlags, type Settings } from '../stack/settings/kafka.ts';
import type { KafkaSecurity } from '../stack/stack.ts';

/** A broker of its own that asks who one is (SASL) and what one may (StandardAuthorizer). The lab's ask neither. */
export interface GuardedBroker {
  readonly address: string;
  /** Of one of the further listeners, by its name. */
  addressOf(listener: string): string;
  /** Logs in by PLAIN; `scram` by SCRAM-SHA-512. Password: the name. */
  login(user: string, mechanism?: NonNullable<KafkaSecurity['sasl']>['mechanism']): KafkaSecurity;
  /** Runs a line as it is printed for an administrator, with Kafka's own tools. @throws Error with the tool's words. */
  asAdmin(line: string): Promise<void>;
  stop(): Promise<void>;
}

/** One more way in, under `localhost`. */
export interface FurtherListener {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_SSL';
  /** Of this listener alone, as Kafka calls them: `ssl.keystore.location`. */
  readonly settings: Settings;
}

/** By name, in capitals as is usual. */
export type FurtherListeners = Readonly<Record<string, FurtherListener>>;

const users = ['admin', 'labctl', 'bare'] as const;

const plainLogins = users.map((user) => `user_${user}="${user}"`).join(' ');
const logins: Settings = {
  'plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="admin" ${plainLogins};`,
  'scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
};

/** Behind the broker's own port and the controller's. */
const portOf = (port: number, index: number): number => port + 2 + index;

function settingsFor(port: number, folder: string, further: FurtherListeners): Settings {
  const more = Object.entries(further).map(([name, listener], index) => ({
    ...listener,
    name,
    port: portOf(port, index),
  }));
  const protocols = more.map(({ name, protocol }) => `,${name}:${protocol}`).join('');
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${port + 1}`,
    listeners: [
      `SASL_PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1}`,
      ...more.map((listener) => `${listener.name}://127.0.0.1:${listener.port}`),
    ].join(','),
    'advertised.listeners': [
      `SASL_PLAINTEXT://127.0.0.1:${port}`,
      ...more.map((listener) => `${listener.name}://localhost:${listener.port}`),
    ].join(','),
    'inter.broker.listener.name': 'SASL_PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT${protocols}`,
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    ...of('SASL_PLAINTEXT', logins),
    ...Object.assign({}, ...more.map(({ name, settings }) => of(name, { ...logins, ...settings }))),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Whoever comes without a login; and the owner of the client's certificate of that name.
    'super.users': 'User:admin;User:ANONYMOUS;User:CN=client',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.min.isr': 1,
  };
}

function of(listener: string, settings: Settings): Settings {
  const entries = Object.entries(settings);
  return Object.fromEntries(entries.map(([name, value]) => [`listener.name.${listener.toLowerCase()}.${name}`, value]));
}

/** @param port the controller takes the next one, further listeners those behind it. */
export async function guardedBroker(
  config: Config,
  port: number,
  further: FurtherListeners = {},
): Promise<GuardedBroker> {
  const { signal } = new AbortController();
  const fetching = { config, env: process.env, onEvent: () => {}, signal };
  const { kafka, java } = await fetchEngines(fetching);
  await fetchKafkaTools(fetching);
  const tools = await writeShims(config);
  const folder = mkdtempSync(join(tmpdir(), 'labctl-guarded-'));
  mkdirSync(join(folder, 'data'));
  const file = join(folder, 'server.properties');
  writeFileSync(file, renderProperties(settingsFor(port, folder, further)));
  const base = [...kafkaJvmFlags, '-cp', join(kafka.folder, 'lib', '*')];
  const scram = ['--add-scram', 'SCRAM-SHA-512=[name=labctl,password=labctl]'];
  const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', 'MkU3OEVBNTcwNTJENDM2Qg', '--config', file];
  const formatted = await run(java.command, [...base, ...format, ...scram], { timeoutMs: 120_000, env: process.env });
  if (formatted.problem !== undefined) throw new Error(formatted.stderr || formatted.problem);
  const broker = await spawnDaemon(java.command, [...kafkaHeapFlags, ...base, 'kafka.Kafka', file], {
    logFile: join(folder, 'log'),
    cwd: folder,
  });
  const address = `127.0.0.1:${port}`;
  const login: GuardedBroker['login'] = (user, mechanism = 'plain') => ({ sasl: { mechanism, user, password: user } });
  const stop = async (): Promise<void> => {
    await terminate(broker, 20_000);
    rmSync(folder, { recursive: true, force: true });
  };
  const admin = kafkaClient({ brokers: [address], clientId: 'test.guarded', security: login('admin') }).admin();
  const serves = async (): Promise<boolean> => {
    try {
      await admin.connect();
      return (await admin.describeCluster()).brokers.length === 1;
    } catch {
      return false;
    }
  };
  try {
    await waitFor('the guarded broker', serves, { timeoutMs: 120_000, intervalMs: 500 });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    await admin.disconnect().catch(() => {});
  }
  const adminFile = join(folder, 'admin.properties');
  writeFileSync(
    adminFile,
    renderProperties({
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config':
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="admin";',
    }),
  );
  return {
    address,
    addressOf: (listener) => `localhost:${portOf(port, Object.keys(further).indexOf(listener))}`,
    login,
    stop,
    async asAdmin(line) {
      const command = line.replace('<admin.properties>', adminFile);
      const env = { ...process.env, PATH: `${tools}:${process.env.PATH}` };
      const result = await run('sh', ['-c', command], { timeoutMs: 120_000, env });
      if (result.problem !== undefined) throw new Error(`${line}\n${result.stderr}`);
    },
  };
}

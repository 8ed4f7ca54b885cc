import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { packageRoot } from '../../package-root.ts';
import { type EngineKey, engineFolder } from './fetch/engine-cache.ts';
import { engineKeys, findEngines, privateServer, type ServerEngine } from './fetch/engines.ts';

const mysqlPrograms = ['mysql', 'mysqladmin', 'mysqldump', 'mysqlbinlog'] as const;
const redisPrograms = ['redis-cli'] as const;
/** Kafka's own command line tools and their main classes, as its bin/*.sh scripts name them. */
const kafkaPrograms = {
  'kafka-acls': 'org.apache.kafka.tools.AclCommand',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'kafka-reassign-partitions': 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions': 'org.apache.kafka.tools.TransactionsCommand',
} as const;

/**
 * Writes the engines' own command line clients as small scripts, for the PATH of an operator's shell.
 * @returns the folder they are in.
 */
export async function writeShims(
  config: Config,
  { env = process.env, signal = AbortSignal.timeout(60_000) }: { env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<string> {
  const folder = join(config.stateDir, 'bin');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { java, mysql, redis } = await findEngines(config, env, signal);
  // What was not fetched yet will be here.
  const serverLater = (key: EngineKey) => privateServer(engineFolder(config.cacheDir, key), '?');
  const places = {
    kafkaTools: engineFolder(config.cacheDir, engineKeys.kafkaTools),
    java: java?.command ?? join(engineFolder(config.cacheDir, engineKeys.java), 'run', 'java-home', 'bin', 'java'),
  };
  const write = (name: string, script: string): void => {
    const file = join(folder, name);
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  };
  for (const name of mysqlPrograms) write(name, mysqlShim(name, mysql ?? serverLater(engineKeys.mysql)));
  for (const name of redisPrograms) write(name, redisShim(name, redis ?? serverLater(engineKeys.redis)));
  for (const [name, mainClass] of Object.entries(kafkaPrograms)) write(name, kafkaShim(mainClass, places));
  return folder;
}

/** The host's option files may name settings that this client does not know; an explicit choice of files is kept. */
export function mysqlShim(name: string, engine: ServerEngine): string {
  const commandLine = engine.commandOf(name);
  return `#!/bin/sh
${requires(commandLine[0])}
case \${1-} in
  --defaults-* | --no-defaults | --print-defaults | --login-path*) ;;
  *) set -- --no-defaults "$@" ;;
esac
exec ${commandLine.map(quoted).join(' ')} "$@"
`;
}

function redisShim(name: string, engine: ServerEngine): string {
  const commandLine = engine.commandOf(name);
  return `#!/bin/sh
${requires(commandLine[0])}
exec ${commandLine.map(quoted).join(' ')} "$@"
`;
}

function kafkaShim(
  mainClass: string,
  { kafkaTools, java }: { readonly kafkaTools: string; readonly java: string },
): string {
  return `#!/bin/sh
if [ ! -e ${quoted(kafkaTools)} ]; then
  echo "labctl: fetching Kafka's own tools, once (about 70 MB) ..." >&2
  ${quoted(join(packageRoot, 'bin', 'labctl'))} env --fetch-kafka-tools >/dev/null || exit $?
fi
exec ${quoted(java)} -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp ${quoted(join(kafkaTools, 'lib', '*'))} \\
  ${mainClass} "$@"
`;
}

function requires(program: string): string {
  return `[ -e ${quoted(program)} ] || { echo "labctl: there is no $0 here yet: labctl up" >&2; exit 69; }`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

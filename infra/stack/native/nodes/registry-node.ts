import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NativeNode, NodeContext } from './native-node.ts';

const requestTimeoutMs = 3_000;

/** Apicurio with its schemas in an H2 file, speaking the Confluent API. */
export function registryNode({ layout, ports, endpoints, engines }: NodeContext): NativeNode {
  const { registry, java } = engines;
  const dataDir = layout.dataDir('schema-registry');
  const system = (settings: Readonly<Record<string, string | number>>): readonly string[] =>
    Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  return {
    name: 'schema-registry',
    engine: 'registry',
    version: registry.version,
    async prepare() {
      mkdirSync(dataDir, { recursive: true });
    },
    launch: {
      command: java.command,
      args: [
        ...['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xss512k'],
        ...system({
          'quarkus.http.host': '127.0.0.1',
          'quarkus.http.port': ports['schema-registry'],
          // Unset it would listen on all interfaces.
          'quarkus.management.host': '127.0.0.1',
          'quarkus.management.port': ports['schema-registry-management'],
          'apicurio.datasource.jdbc.initial-size': 2,
          'apicurio.datasource.jdbc.min-size': 2,
          'apicurio.datasource.jdbc.max-size': 8,
          // Without WRITE_DELAY=0 a schema registered half a second before a SIGKILL is gone, and records carry its id.
          'apicurio.datasource.url': 'jdbc:h2:file:./registry;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE',
          'quarkus.log.file.enabled': 'true',
          'quarkus.log.file.path': layout.logFile('schema-registry'),
          'quarkus.log.file.rotation.max-file-size': '8M',
          'quarkus.log.file.rotation.max-backup-index': 1,
          'quarkus.log.console.enabled': 'false',
        }),
        '-jar',
        join(registry.folder, 'quarkus-run.jar'),
      ],
      cwd: dataDir,
    },
    answers: () => servesBackwardCompatible(endpoints.registry),
    readyTimeoutMs: 90_000,
  };
}

/** Lists the subjects, and sets the global level, which is NONE in a fresh registry: incompatible schemas are refused. */
async function servesBackwardCompatible(url: string): Promise<boolean> {
  const subjects = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(requestTimeoutMs) });
  await subjects.arrayBuffer();
  if (!subjects.ok) return false;
  const level = await fetch(`${url}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility: 'BACKWARD' }),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  await level.arrayBuffer();
  return level.ok;
}

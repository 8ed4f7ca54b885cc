import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { nodeAnswers } from '../../answers.ts';
import { registryJvmFlags, registryProperties } from '../../settings/registry.ts';
import type { NativeNode, NodeContext } from './native-node.ts';

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
        ...registryJvmFlags,
        '-XX:+UseSerialGC',
        ...system({
          'quarkus.http.host': '127.0.0.1',
          'quarkus.http.port': ports['schema-registry'],
          // Unset it would listen on all interfaces.
          'quarkus.management.host': '127.0.0.1',
          'quarkus.management.port': ports['schema-registry-management'],
          ...registryProperties('./registry'),
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
    answers: () => nodeAnswers('schema-registry', { ports, endpoints }),
    readyTimeoutMs: 90_000,
  };
}

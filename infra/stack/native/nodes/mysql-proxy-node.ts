import { dirname, join } from 'node:path';
import { orderProxy } from '../../../mysql/proxy/settings.ts';
import { packageRoot, runsFromSource } from '../../../package-root.ts';
import type { Layout } from '../layout.ts';
import type { NativeOnDemand } from './native-on-demand.ts';

/** Before MySQL stands nothing; whoever wants a slow or broken network to it connects here instead. */
export const mysqlProxy: NativeOnDemand = {
  memoryMb: 80,
  graceMs: 3_000,
  async nodes({ layout, ports }) {
    const control = proxyControlSocket(layout);
    return [
      {
        name: 'mysql-proxy',
        engine: 'mysql',
        version: `Node.js ${process.versions.node}`,
        async prepare() {},
        launch: {
          command: process.execPath,
          args: [
            script,
            ...['--port', String(ports['mysql-proxy'])],
            ...['--target', String(ports.mysql)],
            ...['--control', control],
            ...['--log', layout.logFile('mysql-proxy')],
          ],
          cwd: layout.stackDir,
        },
        async answers() {
          await orderProxy(control, {});
          return true;
        },
        readyTimeoutMs: 30_000,
      },
    ];
  },
};

const script = runsFromSource
  ? join(packageRoot, 'infra', 'mysql', 'proxy', 'main.ts')
  : join(packageRoot, 'dist', 'infra', 'mysql', 'proxy', 'main.js');

/** Beside MySQL's own socket, whose folder is short enough for a socket's path. */
export function proxyControlSocket({ socketFile }: Pick<Layout, 'socketFile'>): string {
  return join(dirname(socketFile), 'mysql-proxy.sock');
}

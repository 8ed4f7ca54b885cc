import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../clock.ts';
import { fileLogger } from '../../log.ts';
import { controlServer } from './control.ts';
import { faultProxy } from './proxy.ts';

/** The process of the node mysql-proxy: listens for clients on 127.0.0.1, and for orders on a unix socket. */

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    target: { type: 'string' },
    control: { type: 'string' },
    log: { type: 'string' },
  },
});
const { port = '', target = '', control = '', log: logFile = '' } = values;
const log = fileLogger(logFile);
const proxy = faultProxy(Number(target), systemClock);
const orders = controlServer(proxy, { clock: systemClock, log });

const end = (): void => {
  log.info('ending');
  proxy.set({ mode: 'cut', latencyMs: 0, jitterMs: 0 });
  proxy.server.close();
  orders.close();
};
process.once('SIGTERM', end);
process.once('SIGINT', end);

// A socket that a killed process left behind; the stack starts one proxy at a time.
rmSync(control, { force: true });
proxy.server.listen(Number(port), '127.0.0.1', () => {
  // Orders are answered only when clients can connect: the answer is what the stack waits for.
  orders.listen(control, () => log.info('listening', { port: Number(port), target: Number(target) }));
});

import { createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { FaultProxy } from './proxy.ts';
import { openProxy, proxyOrder } from './settings.ts';

const lineBytesMax = 4_096;

/** Serves the control socket: one order a connection, one line of JSON each way. */
export function controlServer(proxy: FaultProxy, { clock, log }: { clock: Clock; log: Logger }): Server {
  let cancelOpening = (): void => {};
  const obey = (line: string): string => {
    const { set, forMs } = proxyOrder.parse(JSON.parse(line));
    if (set !== undefined) {
      cancelOpening();
      proxy.set(set);
      log.info('set', { ...set, forMs: forMs ?? null });
      if (forMs !== undefined) {
        cancelOpening = clock.after(forMs, () => {
          proxy.set(openProxy);
          log.warn('opened by itself: nobody did in time');
        });
      }
    }
    return `${JSON.stringify(proxy.state())}\n`;
  };
  const server = createServer((socket) => void answer(socket, obey, log));
  // A timer that is still to open the proxy would keep a process that was told to end.
  server.once('close', () => cancelOpening());
  return server;
}

async function answer(socket: Socket, obey: (line: string) => string, log: Logger): Promise<void> {
  socket.on('error', () => {});
  let text = '';
  try {
    for await (const chunk of socket) {
      text += String(chunk);
      if (text.endsWith('\n')) return void socket.end(obey(text));
      if (text.length > lineBytesMax) throw new Error('an order is one line');
    }
  } catch (error) {
    log.warn('an order that cannot be understood', { error: messageOf(error) });
  } finally {
    if (!socket.writableEnded) socket.destroy();
  }
}

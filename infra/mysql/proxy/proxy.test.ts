import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../../clock.ts';
import { EngineError } from '../../errors.ts';
import { fileLogger } from '../../log.ts';
import { controlServer } from './control.ts';
import { faultProxy } from './proxy.ts';
import { openProxy, orderProxy } from './settings.ts';

async function listening(server: Server, where: { path: string } | { port: number; host: string }): Promise<number> {
  const open = new Set<Socket>();
  server.on('connection', (socket) => open.add(socket));
  server.listen(where);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' ? ((address as AddressInfo | null)?.port ?? 0) : 0;
}

/** A server that says everything back, the proxy before it, and its control socket. */
async function echoBehindProxy() {
  const anyPort = { port: 0, host: '127.0.0.1' };
  const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  const echoPort = await listening(echo, anyPort);
  const proxy = faultProxy(echoPort, systemClock);
  const port = await listening(proxy.server, anyPort);
  const folder = mkdtempSync(join(tmpdir(), 'labctl-proxy-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const control = join(folder, 'control.sock');
  const log = fileLogger(join(folder, 'log'));
  await listening(controlServer(proxy, { clock: systemClock, log }), { path: control });
  const client = (): { readonly socket: Socket; said(): string; errors: string[] } => {
    const socket = connect(port, '127.0.0.1');
    const errors: string[] = [];
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    onTestFinished(() => void socket.destroy());
    return { socket, said: () => text, errors };
  };
  return { control, client };
}

const soon = { timeoutMs: 10_000, intervalMs: 5 };

test('open: bytes flow both ways, and an end is passed on as an end', async () => {
  const { client, control } = await echoBehindProxy();
  const { socket, said } = client();
  const big = 'x'.repeat(3_000_000);
  socket.write(big);
  await waitFor('all of it', () => said().length === big.length, soon);
  expect(await orderProxy(control, {})).toEqual({ ...openProxy, connections: 1 });
  socket.end();
  await once(socket, 'close');
  await waitFor('no connection', async () => (await orderProxy(control, {})).connections === 0, soon);
});

test('latency is added to a round trip; bytes stay in order', async () => {
  const { client, control } = await echoBehindProxy();
  await orderProxy(control, { set: { mode: 'open', latencyMs: 120, jitterMs: 60 } });
  const { socket, said } = client();
  await once(socket, 'connect');
  const startMs = systemClock.monotonic();
  for (const word of ['a', 'b', 'c', 'd', 'e', 'f']) socket.write(word);
  await waitFor('the answer', () => said() === 'abcdef', soon);
  expect(systemClock.monotonic() - startMs).toBeGreaterThanOrEqual(119);
});

test('cut: what is open is reset, what comes too; after it all is well', async () => {
  const { client, control } = await echoBehindProxy();
  const before = client();
  before.socket.write('a');
  await waitFor('the answer', () => before.said() === 'a', soon);
  await orderProxy(control, { set: { ...openProxy, mode: 'cut' } });
  await waitFor('the reset', () => before.errors.length > 0, soon);
  expect(before.errors).toEqual(['ECONNRESET']);
  const during = client();
  await waitFor('the reset', () => during.errors.length > 0, soon);
  await orderProxy(control, { set: openProxy });
  const after = client();
  after.socket.write('b');
  await waitFor('the answer', () => after.said() === 'b', soon);
});

test('silent: nothing arrives and nothing breaks; afterwards it arrives late, on old and new connections', async () => {
  const { client, control } = await echoBehindProxy();
  const old = client();
  old.socket.write('a');
  await waitFor('the answer', () => old.said() === 'a', soon);
  await orderProxy(control, { set: { ...openProxy, mode: 'silent' } });
  const fresh = client();
  old.socket.write('b');
  fresh.socket.write('c');
  await systemClock.sleep(150);
  expect([old.said(), fresh.said(), old.errors, fresh.errors]).toEqual(['a', '', [], []]);
  await orderProxy(control, { set: openProxy });
  await waitFor('the late answers', () => old.said() === 'ab' && fresh.said() === 'c', soon);
});

test('it opens itself when its time is up', async () => {
  const { control } = await echoBehindProxy();
  const answer = await orderProxy(control, { set: { ...openProxy, mode: 'cut' }, forMs: 100 });
  expect(answer.mode).toBe('cut');
  await waitFor('it to open', async () => (await orderProxy(control, {})).mode === 'open', soon);
});

test('an order that it does not understand changes nothing and ends nothing', async () => {
  const { control } = await echoBehindProxy();
  const rude = connect(control);
  rude.on('error', () => {});
  rude.write('{"set":{"mode":"fast"}}\n');
  await once(rude, 'close');
  expect((await orderProxy(control, {})).mode).toBe('open');
  await expect(orderProxy(`${control}.gone`, {})).rejects.toThrow(EngineError);
});

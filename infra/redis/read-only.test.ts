import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { systemClock, waitFor } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { ReadOnlyRedis } from './read-only.ts';

const password = 'right';
/** Well below the client's timeout for a command, and long enough to fall into. */
const slowMs = 80;

interface SlowRedis {
  readonly port: number;
  readonly opened: () => number;
  readonly open: ReadonlySet<Socket>;
}

/** Answers each command of RESP in its turn, but late, as a server far away does. */
async function slowRedis(): Promise<SlowRedis> {
  const open = new Set<Socket>();
  let opened = 0;
  const server = createServer((socket) => {
    opened += 1;
    open.add(socket);
    let loggedIn = false;
    let text = '';
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.on('data', (bytes) => {
      const [commands, rest] = commandsIn(text + bytes.toString());
      text = rest;
      const answers = commands.map(([name = '', ...args]) => {
        if (name === 'hello') loggedIn = args.includes(password);
        if (name === 'hello' && !loggedIn) return '-WRONGPASS invalid username-password pair or user is disabled.\r\n';
        if (!loggedIn) return '-NOAUTH Authentication required.\r\n';
        return { hello: '%1\r\n$5\r\nproto\r\n:3\r\n', ping: '+PONG\r\n' }[name] ?? '+OK\r\n';
      });
      systemClock.after(slowMs, () => void (socket.writable && socket.write(answers.join(''))));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, opened: () => opened, open };
}

/** Whole commands, their names in lower case, and what is left of the text. A line by itself is a command, too. */
function commandsIn(text: string): [commands: string[][], rest: string] {
  const commands: string[][] = [];
  let lines = text.split('\r\n');
  for (;;) {
    const [first = ''] = lines;
    const parts = first.startsWith('*') ? 2 * Number(first.slice(1)) : 0;
    if (first === '' || lines.length <= parts + 1) return [commands, lines.join('\r\n')];
    const [name = first, ...args] = lines.slice(1, parts + 1).filter((_, index) => index % 2 === 1);
    commands.push([name.toLowerCase(), ...args]);
    lines = lines.slice(parts + 1);
  }
}

function clientOf(port: number, given: string): () => Promise<string> {
  const redis = new ReadOnlyRedis({ host: '127.0.0.1', port, password: given });
  onTestFinished(() => redis.close());
  return () => redis.command('PING', [], z.string()).catch(messageOf);
}

/** Asks every few ms, whatever has become of the questions before. @returns each different answer. */
async function answersUntil(done: () => boolean, ask: () => Promise<string>): Promise<ReadonlySet<string>> {
  const answers: Promise<string>[] = [];
  const asked = (): boolean => {
    answers.push(ask());
    return done();
  };
  await waitFor('the connections', asked, { timeoutMs: 4_000, intervalMs: 10 });
  return new Set(await Promise.all(answers));
}

test('a wrong password stays one, over every reconnect and its slow login', async () => {
  const server = await slowRedis();
  const answers = await answersUntil(() => server.opened() > 4, clientOf(server.port, 'wrong'));
  expect([...answers]).toEqual(['not permitted: wrong user or password']);
});

test('a connection that is lost and made anew costs no command', async () => {
  const server = await slowRedis();
  const ask = clientOf(server.port, password);
  expect(await ask()).toBe('PONG');
  for (const socket of server.open) socket.end();
  await waitFor('the end of the connection', () => server.open.size === 0, { timeoutMs: 1_000, intervalMs: 1 });
  const madeAnewAt = systemClock.monotonic() + 5 * slowMs;
  const answers = await answersUntil(() => systemClock.monotonic() > madeAnewAt, ask);
  expect([...answers]).toEqual(['PONG']);
  expect(server.opened()).toBe(2);
});

test('a Redis that has gone is said to be gone, at once and with the reason', async () => {
  const server = createServer((socket) => void socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  const ask = clientOf(port, password);
  const start = systemClock.monotonic();
  for (let times = 0; times < 20; times += 1) expect(await ask()).toContain('cannot be reached (ECONNREFUSED)');
  expect(systemClock.monotonic() - start).toBeLessThan(5_000); // twenty waits of half a second would be ten
});

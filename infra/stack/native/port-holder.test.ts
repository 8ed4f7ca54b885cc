import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findHolders, parseListening, programName } from './port-holder.ts';

// Two lines of a real /proc/net/tcp (13306 listens, one connection to it), and the same port on another address.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:33FA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 000000008edff9df 100 0 0 10 0
   1: 0100007F:33FA 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 000000008edff9e0 20 0 0 10 -1
   2: 0200A8C0:33FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 000000008edff9e1 100 0 0 10 0
   3: 00000000:4A94 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4714 1 000000008edff9e2 100 0 0 10 0
`;
const table6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:46AB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4715 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:4A96 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4716 1 0000000000000000 100 0 0 10 0
`;

test('only sockets that listen where 127.0.0.1 arrives are counted', () => {
  expect(parseListening(table)).toEqual([
    { port: 13306, inode: '4711' },
    { port: 19092, inode: '4714' },
  ]);
});

test('a server on the IPv6 wildcard, and a JVM on a mapped IPv4 address, hold the port too', () => {
  expect(parseListening(table6).map(({ port }) => port)).toEqual([18091, 19094]);
});

test('an empty table holds nothing', () => {
  expect(parseListening('')).toEqual([]);
});

test.each([
  { line: ['/usr/sbin/mysqld', '--port=13306'], name: 'mysqld' },
  { line: ['/x/lib/ld-linux-x86-64.so.2', '--argv0', 'redis-server', '--library-path', '/x'], name: 'redis-server' },
  { line: [''], name: 'a process' },
])('the program behind $line is $name', ({ line, name }) => {
  expect(programName(line)).toBe(name);
});

test.runIf(process.platform === 'linux')('a port held by this very process is found, with its pid', async () => {
  const server = createServer();
  onTestFinished(() => void server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const holders = await findHolders([port, 1]);
  expect(holders.get(port)).toMatchObject({ port, pid: process.pid });
  expect(holders.get(port)?.name).toContain(`(pid ${process.pid})`);
  expect(holders.has(1)).toBe(false);
});

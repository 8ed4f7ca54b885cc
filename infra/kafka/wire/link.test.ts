import { type AddressInfo, createServer, type Server } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../../clock.ts';
import { kafkaClient } from '../client.ts';
import { type BrokerLink, openLinks } from './link.ts';
import { metadata } from './metadata.ts';

const timeoutMs = 150;

/** A broker that takes connections and says nothing: what a frozen process looks like. */
async function frozenBroker(): Promise<{ address: string; connections: () => number; server: Server }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, connections: () => connections, server };
}

function linkTo(address: string): { link: BrokerLink; advance: (ms: number) => void } {
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
  const kafka = kafkaClient({
    brokers: [address],
    clientId: 'test.link',
    connectionTimeoutMs: timeoutMs,
    requestTimeoutMs: timeoutMs,
  });
  const link = openLinks(kafka, { clock, timeoutMs })(address);
  onTestFinished(() => link.close());
  return {
    link,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

test('a frozen broker costs one timeout, then rests: who asks meanwhile has the answer at once', async () => {
  const { address, connections } = await frozenBroker();
  const { link, advance } = linkTo(address);
  await expect(link.ask(metadata([]))).rejects.toMatchObject({ engine: 'kafka', code: 'ETIMEDOUT' });
  expect(link.resting()).toBe(true);
  await expect(link.ask(metadata([]))).rejects.toThrow(`broker ${address} gave no answer within ${timeoutMs} ms`);
  expect(connections()).toBe(1);

  advance(1_000);
  expect(link.resting()).toBe(false);
  await expect(link.ask(metadata([]))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  expect(connections()).toBe(2);
});

test('requests that wait together fail together', async () => {
  const { address, connections } = await frozenBroker();
  const { link } = linkTo(address);
  const asked = await Promise.allSettled([link.ask(metadata([])), link.ask(metadata(null)), link.ask(metadata([]))]);
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(connections()).toBe(1);
});

test('a port nobody listens on is refused, naming the broker', async () => {
  const { link } = linkTo('127.0.0.1:1');
  await expect(link.ask(metadata([]))).rejects.toThrow('broker 127.0.0.1:1 cannot be reached (ECONNREFUSED)');
});

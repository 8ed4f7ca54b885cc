import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { liveBrokers, parseMetadataBrokers, speaksKafka } from './kafka-wire.ts';

test('brokers of a Metadata answer, with and without a rack', () => {
  expect(parseMetadataBrokers(metadataAnswer)).toEqual([1, 3]);
});

const metadataAnswer = Buffer.concat([
  Buffer.from([0, 0, 0, 0]), // throttle time
  Buffer.from([0, 0, 0, 2]), // brokers
  Buffer.from([0, 0, 0, 1, 0, 4]),
  Buffer.from('host'),
  Buffer.from([0, 0, 0x4a, 0x94, 0, 6]),
  Buffer.from('rack-1'),
  Buffer.from([0, 0, 0, 3, 0, 4]),
  Buffer.from('host'),
  Buffer.from([0, 0, 0x4a, 0x98, 0xff, 0xff]),
]);

test('an answer that comes in pieces is put together', async () => {
  const framed = Buffer.concat([Buffer.from([0, 0, 0, metadataAnswer.length + 4, 0, 0, 0, 1]), metadataAnswer]);
  const address = await serve([framed.subarray(0, 3), framed.subarray(3, 20), framed.subarray(20)]);
  expect(await liveBrokers(address)).toEqual([1, 3]);
});

test('a server that hangs up is no Kafka', async () => {
  const address = await serve([]);
  await expect(speaksKafka(address)).rejects.toThrow(/closed the connection/);
});

test('an error code in ApiVersions is no yes', async () => {
  const address = await serve([Buffer.from([0, 0, 0, 6, 0, 0, 0, 1, 0, 35])]);
  expect(await speaksKafka(address)).toBe(false);
});

/** A server that answers the first bytes it gets with these pieces, and hangs up. */
async function serve(pieces: readonly Buffer[]): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.once('data', () => {
      for (const piece of pieces) socket.write(piece);
      socket.end();
    });
    socket.on('error', () => {});
  });
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ host: '127.0.0.1', port: (server.address() as { port: number }).port }),
    );
  });
}

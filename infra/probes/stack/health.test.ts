import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ownTarget } from '../../target.ts';
import { type EngineAnswer, type EngineHealth, stackHealth } from './health.ts';

const serves: EngineAnswer = { serves: true, latencyMs: 1.2, detail: 'sees 3 brokers' };
const engine = (name: string, answer: EngineAnswer, process?: EngineHealth['process']): EngineHealth => ({
  name,
  engine: 'kafka',
  endpoint: '127.0.0.1:19092',
  answer,
  process,
});

test('silent when every engine answers, slow or not', () => {
  expect(
    stackHealth.judge({ engines: [engine('kafka-1', serves), engine('mysql', { ...serves, latencyMs: 900 })] }),
  ).toEqual([]);
});

test('one that does not serve is found by its name, with the reason', () => {
  const refused: EngineAnswer = { serves: false, reason: 'broker 127.0.0.1:19094 cannot be reached (ECONNREFUSED)' };
  const [finding, ...rest] = stackHealth.judge({ engines: [engine('kafka-1', serves), engine('kafka-2', refused)] });
  expect(rest).toEqual([]);
  expect(finding).toMatchObject({ key: 'engine.kafka-2', severity: 'critical' });
  expect(finding?.text.en).toContain('ECONNREFUSED');
});

test('a process that is gone is said to be gone', () => {
  const gone = engine('redis', { serves: false, reason: 'ECONNREFUSED' }, { state: 'dead' });
  expect(stackHealth.judge({ engines: [gone] })[0]?.text.en).toBe('the process of redis is gone');
});

test('what nobody could ask is no finding of its own', () => {
  const unasked: EngineAnswer = { serves: 'unknown', reason: 'no broker answers' };
  expect(stackHealth.judge({ engines: [engine('kafka-controller', unasked)] })).toEqual([]);
});

test('a broker that hangs up on who has not logged in is unknown; one that is gone is a finding', async () => {
  const broker = await brokerThatWantsLogin();
  const [unasked, ...noFindings] = await brokersFound(broker.address);
  expect(unasked).toMatchObject({ endpoint: broker.address, answer: { serves: 'unknown' } });
  expect(unasked?.answer).toMatchObject({ reason: expect.stringContaining('one that wants a login does that') });
  expect(noFindings).toEqual([]);

  await broker.stop();
  const [gone, ...findings] = await brokersFound(broker.address);
  expect(gone?.answer).toMatchObject({ serves: false, reason: expect.stringContaining('ECONNREFUSED') });
  expect(findings).toMatchObject([{ key: `engine.kafka ${broker.address}`, severity: 'critical' }]);
});

test('a broker that hangs up at once, without a word of Kafka, is a finding', async () => {
  const { address } = await listening((socket) => void socket.destroy());
  const [broker, ...findings] = await brokersFound(address);
  expect(broker?.answer).toMatchObject({ serves: false });
  expect(findings).toHaveLength(1);
});

/** What the probe reads of the only broker of an own stack, and its findings. */
async function brokersFound(address: string): Promise<[EngineHealth | undefined, ...unknown[]]> {
  const roles = { database: '', topics: {}, groups: {} };
  const target = ownTarget({
    profile: 'shop',
    endpoints: { kafka: [address] },
    roles,
    checks: [],
  });
  onTestFinished(() => target.close());
  const health = await stackHealth.read(target, {
    signal: new AbortController().signal,
    nowMs: 0,
    previous: undefined,
  });
  return [health.engines.find(({ endpoint }) => endpoint === address), ...stackHealth.judge(health)];
}

/** Answers ApiVersions (every request, versions 0 to 20) and hangs up at whatever comes next, as a SASL listener does. */
async function brokerThatWantsLogin(): Promise<{ address: string; stop: () => Promise<void> }> {
  return listening((socket) => {
    socket.on('data', (request) => {
      if (request.readInt16BE(4) !== 18) return void socket.end();
      const versions = Array.from({ length: 80 }, (_, key) => [0, key, 0, 0, 0, 20]).flat();
      const body = Buffer.from([0, 0, 0, 0, 0, 80, ...versions, 0, 0, 0, 0]);
      const size = Buffer.alloc(4);
      size.writeInt32BE(body.length + 4);
      socket.write(Buffer.concat([size, request.subarray(8, 12), body]));
    });
  });
}

async function listening(serve: (socket: Socket) => void): Promise<{ address: string; stop: () => Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  onTestFinished(stop);
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
}

import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import { ReadOnlyMysql } from './read-only.ts';

test('a frozen MySQL costs one timeout, then is let rest', async () => {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  let aheadMs = 0;
  const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + aheadMs };
  const { port } = server.address() as AddressInfo;
  const mysql = new ReadOnlyMysql({ host: '127.0.0.1', port, user: 'root', password: '' }, 'lab', clock);
  onTestFinished(() => mysql.close());
  const ask = () => mysql.query('SELECT 1', [], z.unknown());

  await expect(ask()).rejects.toMatchObject({ engine: 'mysql', code: 'ETIMEDOUT' });
  await expect(ask()).rejects.toMatchObject({ engine: 'mysql', code: 'ETIMEDOUT' });
  expect(connections).toBe(1);
  aheadMs += 2_000;
  // However many ask at once: those that would wait for a connection are told with the first.
  const before = systemClock.monotonic();
  for (const asked of await Promise.allSettled(Array.from({ length: 40 }, ask)))
    expect(asked).toMatchObject({ reason: { engine: 'mysql', code: 'ETIMEDOUT' } });
  expect(systemClock.monotonic() - before).toBeLessThan(2_500);
  expect(connections).toBeLessThanOrEqual(4);
});

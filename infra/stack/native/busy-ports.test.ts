import { expect, test } from 'vitest';
import { portsFor } from '../ports.ts';
import { portsTaken, type TakenPort } from './busy-ports.ts';

const mysql: TakenPort = {
  name: 'mysql',
  holder: { port: 13306, pid: 4711, name: 'mysqld (pid 4711)' },
  stackDir: undefined,
};
const redis: TakenPort = { name: 'redis', holder: { port: 16379, name: 'another process' }, stackDir: undefined };

test('each port is named with its holder, and how to look at the holder', () => {
  const error = portsTaken([mysql, redis]);
  expect(error.message).toBe('ports are taken: 13306 (mysql) by mysqld (pid 4711), 16379 (redis) by another process');
  expect(error.code).toBe('EADDRINUSE');
  expect(error.tryThis[0]).toBe('ps -fp 4711');
});

test('a holder that cannot be seen is not looked at', () => {
  expect(portsTaken([redis]).tryThis).toEqual([expect.stringContaining('LABCTL_PORT_OFFSET')]);
});

test('where all belong to one other lab, that lab is named and how to stop it', () => {
  const error = portsTaken([
    { ...mysql, stackDir: 'clone/.lab/stack' },
    { ...redis, stackDir: 'clone/.lab/stack' },
  ]);
  expect(error.message).toBe('another lab runs on these ports: clone/.lab');
  expect(error.tryThis[0]).toBe('LABCTL_STATE_DIR=clone/.lab labctl down');
});

test('the offset that is proposed can be used', () => {
  const [, offset] = /LABCTL_PORT_OFFSET=(\d+)/.exec(portsTaken([redis]).tryThis[0] ?? '') ?? [];
  expect(() => portsFor(Number(offset))).not.toThrow();
});

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EngineError } from '../../errors.ts';
import { nodeNames } from '../stack.ts';
import { diskRoom, memoryNeeded, requireDisk } from './room.ts';

test('a folder that is not there yet is measured where it will be made', async () => {
  const rooms = await diskRoom(
    { stateDir: join(tmpdir(), 'not', 'yet'), cacheDir: tmpdir() },
    { fetching: 'nothing', firstData: true },
  );
  // Two looks at one disk: others write to it meanwhile.
  const difference = Math.abs((rooms[0]?.freeBytes ?? 0) - (rooms[1]?.freeBytes ?? Number.POSITIVE_INFINITY));
  expect(difference).toBeLessThan(100e6);
});

test('a disk that is too full is named, with what is free and what is needed', () => {
  const rooms = [{ folder: 'state', freeBytes: 200e6, neededBytes: 1_500e6 }];
  expect(() => requireDisk(rooms)).toThrow(EngineError);
  expect(() => requireDisk(rooms)).toThrow(expect.objectContaining({ why: '200 MB are free, 1500 MB are needed' }));
});

test('the whole stack needs more than a gigabyte of memory, one broker far less', () => {
  expect(memoryNeeded(nodeNames)).toBeGreaterThan(1e9);
  expect(memoryNeeded(['kafka-1'])).toBeLessThan(0.3e9);
  expect(memoryNeeded(['redis-cluster-1', 'prometheus'])).toBe(110e6);
});

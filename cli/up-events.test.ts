import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../infra/clock.ts';
import { RefusedError } from '../infra/errors.ts';
import { identify, type ProcessIdentity } from '../infra/process.ts';
import type { StackEvent } from '../infra/stack/stack.ts';
import { followUp, upEventFile } from './up-events.ts';

let folder: string;
let file: string;
let alive: ProcessIdentity;
const dead: ProcessIdentity = { pid: 1, startedAt: 'never' };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-up-'));
  file = join(folder, 'up.ndjson');
  const self = await identify(process.pid);
  if (self === undefined) throw new Error('this very process is not alive');
  alive = self;
});
afterEach(() => rmSync(folder, { recursive: true }));

const ready: StackEvent = { kind: 'node', node: 'mysql', phase: 'ready', note: 'port 13306' };

async function followed(child: ProcessIdentity): Promise<readonly StackEvent[]> {
  const signal = new AbortController().signal;
  const events: StackEvent[] = [];
  for await (const event of followUp({ file, child, logFile: '/dev/null', clock: systemClock, signal }))
    events.push(event);
  return events;
}

test('events come through the file, also those written before anybody looked', async () => {
  const writer = upEventFile(file);
  writer.event(ready);
  const reading = followed(alive);
  writer.event({ kind: 'note', note: 'done' });
  writer.finished();
  expect(await reading).toEqual([ready, { kind: 'note', note: 'done' }]);
});

test('a failure arrives as the error that it was', async () => {
  const writer = upEventFile(file);
  writer.failed(new RefusedError('no room', { why: '1 GB free', tryThis: ['free some'] }), 'en');
  await expect(followed(alive)).rejects.toThrow(RefusedError);
  await expect(followed(alive)).rejects.toMatchObject({ message: 'no room', why: '1 GB free', tryThis: ['free some'] });
});

test('an `up` that dies without a word is an error; one that ended in time is not', async () => {
  const writer = upEventFile(file);
  writer.event(ready);
  await expect(followed(dead)).rejects.toThrow('died on the way');
  writer.finished();
  expect(await followed(dead)).toEqual([ready]);
});

test('what is no line of ours is our bug, not silence', async () => {
  upEventFile(file);
  appendFileSync(file, '{"kind":"other"}\n');
  await expect(followed(alive)).rejects.toThrow();
});

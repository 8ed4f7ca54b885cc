import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { balanceCodec } from './codec.ts';

const url = inject('endpoints').registry;
const schema = readFileSync(join(packageRoot, 'infra', 'contract', 'balance-changed.v1.avsc'), 'utf8');
const request = (method: string, path: string, body?: unknown) =>
  fetch(`${url}${path}`, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });

/** A topic that nobody else uses, and whose subject is gone in the end. */
function newTopic(name: string): string {
  const topic = `register_${process.pid}_${name}`;
  onTestFinished(async () => {
    await request('DELETE', `/subjects/${topic}-value`);
    await request('DELETE', `/subjects/${topic}-value?permanent=true`);
  });
  return topic;
}

async function levelOf(topic: string): Promise<unknown> {
  return (await request('GET', `/config/${topic}-value`)).json();
}

test('a schema whose registration was killed half way gets its compatibility level from the next', async () => {
  const topic = newTopic('half');
  expect((await request('POST', `/subjects/${topic}-value/versions`, { schema })).status).toBe(200);
  expect(await levelOf(topic)).toEqual({ compatibilityLevel: 'NONE' });
  await balanceCodec(url, topic);
  expect(await levelOf(topic)).toEqual({ compatibilityLevel: 'BACKWARD' });
  await balanceCodec(url, topic);
});

test('several at once register one schema', async () => {
  for (const round of ['a', 'b', 'c']) {
    const topic = newTopic(`several_${round}`);
    await Promise.all(Array.from({ length: 5 }, () => balanceCodec(url, topic)));
    expect(await (await request('GET', `/subjects/${topic}-value/versions`)).json()).toEqual([1]);
    expect(await levelOf(topic)).toEqual({ compatibilityLevel: 'BACKWARD' });
  }
});

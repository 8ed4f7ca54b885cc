import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import type { RoleMap } from '../contract/role-map.ts';
import { diagnoses } from '../diagnoses/index.ts';
import { diagnose } from '../diagnoses/run.ts';
import { kafkaClient } from '../kafka/client.ts';
import { probes } from '../probes/index.ts';
import { notPermitted } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import type { KafkaSecurity } from '../stack/stack.ts';
import { ownTarget, type Target } from '../target.ts';
import { type GuardedBroker, guardedBroker } from '../testing/guarded-broker.ts';
import { plantBehind } from '../testing/plant-behind.ts';
import { grantsFor } from './grants.ts';

/** The printed ACLs on a real broker with StandardAuthorizer and SASL: exactly enough, and less reads as less. */

let broker: GuardedBroker;
const [topic, groupId] = ['acl-orders', 'acl-view'];
const roles: RoleMap = { database: '', topics: { events: topic }, groups: { view: { groupId, topic } } };

beforeAll(async () => {
  const config = inject('config');
  broker = await guardedBroker(config, 19_180 + config.portOffset);
  await plantBehind(broker, { topic, groupId });
}, 300_000);

afterAll(() => broker?.stop(), 60_000);

function opened(kafkaSecurity: KafkaSecurity): Target {
  const target = ownTarget({
    profile: 'acl',
    endpoints: { kafka: [broker.address], kafkaSecurity },
    roles,
    checks: [],
  });
  onTestFinished(() => target.close());
  return target;
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));

async function readAll(target: Target): Promise<string> {
  const read = [];
  for (const probe of probes) read.push([probe.id, await readOnce({ probe, target, before: undefined })]);
  return asText(read);
}

const lagOf = async (target: Target): Promise<string> => {
  const probe = probes.find(({ id }) => id === 'kafka.group-lag');
  if (probe === undefined) throw new Error('no probe');
  return asText(await readOnce({ probe, target, before: undefined }));
};

test('without ACLs: not permitted, and no lag of 0', async () => {
  const text = await lagOf(opened(broker.login('bare')));
  expect(text).toContain(notPermitted);
  expect(text).not.toContain('"lag":{"atLeast":"0","unknown":0');
  for (const diagnosis of diagnoses) {
    expect((await diagnose({ diagnosis, target: opened(broker.login('bare')) })).status, diagnosis.id).toBe('unknown');
  }
});

test('with exactly the printed ACLs: everything of Kafka is read, by PLAIN and by SCRAM', async () => {
  const endpoints = { kafka: [broker.address], kafkaSecurity: broker.login('admin') };
  const groups = grantsFor({ user: 'labctl', roles, endpoints }).filter(({ engine }) => engine === 'kafka');
  for (const line of groups.flatMap(({ lines }) => lines)) await broker.asAdmin(line);
  for (const login of [broker.login('labctl'), broker.login('labctl', 'scram-sha-512')]) {
    const target = opened(login);
    expect(await readAll(target)).not.toContain(notPermitted);
    expect(await lagOf(target)).toContain('"lag":{"atLeast":"3","unknown":0');
  }
});

test('they give nothing to write', async () => {
  const kafka = kafkaClient({ brokers: [broker.address], clientId: 'test.acls', security: broker.login('labctl') });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  onTestFinished(async () => void (await Promise.all([admin.disconnect(), producer.disconnect()])));
  await expect(producer.send({ topic, messages: [{ value: 'x' }] })).rejects.toThrow(/[Aa]uthorized/);
  await expect(admin.deleteTopics({ topics: [topic] })).rejects.toThrow(/[Aa]uthorized/);
  await expect(admin.deleteGroups([groupId])).rejects.toThrow();
});

test('a wrong password is not permitted, at once', async () => {
  const startMs = systemClock.monotonic();
  const text = await lagOf(opened({ sasl: { mechanism: 'plain', user: 'labctl', password: 'wrong' } }));
  expect(text).toContain(`${notPermitted}: Kafka refuses this login`);
  expect(systemClock.monotonic() - startMs).toBeLessThan(5_000);
});

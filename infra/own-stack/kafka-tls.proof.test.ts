import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { duplicates } from '../diagnoses/duplicates.ts';
import { diagnose } from '../diagnoses/run.ts';
import { kafkaCluster } from '../probes/kafka/cluster.ts';
import { kafkaGroupLag } from '../probes/kafka/group-lag.ts';
import { notPermitted } from '../probes/reading.ts';
import { readOnce } from '../probes/sampler.ts';
import { ownTarget, type Target } from '../target.ts';
import { type Authority, createAuthority, type KeyPair } from '../testing/certificates.ts';
import { type FurtherListener, type GuardedBroker, guardedBroker } from '../testing/guarded-broker.ts';
import { plantBehind } from '../testing/plant-behind.ts';
import { type OwnOptions, ownStackFrom } from './own-stack.ts';

/** A broker with a listener for each way to speak TLS, right and wrong, as its operator would name it. */

const listeners = ['SSL', 'SASL_SSL', 'MUTUAL', 'OTHERNAME', 'EXPIRED', 'PLAIN'] as const;
type Listener = (typeof listeners)[number];

let folder = '';
let authority: Authority;
let stranger: Authority;
let client: KeyPair;
let broker: GuardedBroker;
const [topic, groupId] = ['tls-orders', 'tls-view'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-kafka-tls-'));
  authority = createAuthority(folder, 'own-ca');
  stranger = createAuthority(mkdtempSync(join(folder, 'stranger-')), 'other-ca');
  client = authority.issue('client');
  const local = { hosts: ['localhost'], addresses: ['127.0.0.1'] };
  const ssl = ({ both }: KeyPair, protocol: 'SSL' | 'SASL_SSL' = 'SSL', more = {}): FurtherListener => ({
    protocol,
    settings: { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': both, ...more },
  });
  const good = authority.issue('good', local);
  const wantsClients = {
    'ssl.client.auth': 'required',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authority.cert,
  };
  const further: Record<Listener, FurtherListener> = {
    SSL: ssl(good),
    SASL_SSL: ssl(good, 'SASL_SSL'),
    MUTUAL: ssl(good, 'SSL', wantsClients),
    OTHERNAME: ssl(authority.issue('other-name', { hosts: ['broker.example'] })),
    EXPIRED: ssl(authority.issue('expired', { ...local, fromDay: -3, untilDay: -1 })),
    PLAIN: { protocol: 'PLAINTEXT', settings: {} },
  };
  const config = inject('config');
  broker = await guardedBroker(config, 19_210 + config.portOffset, further);
  await plantBehind(broker, { topic, groupId });
}, 300_000);

afterAll(async () => {
  await broker?.stop();
  rmSync(folder, { recursive: true });
}, 60_000);

/** As `--kafka <address>` opens it, or a profile. */
async function opened(where: string | OwnOptions): Promise<Target> {
  const options = typeof where === 'string' ? { kafka: where } : where;
  const env = { KAFKA_PW: 'admin' };
  const { roles, ...own } = await ownStackFrom(options, { env, ask: async () => undefined, osUser: 'me' });
  const target = ownTarget({ ...own, roles: { ...roles, topics: { events: topic } } });
  onTestFinished(() => target.close());
  return target;
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part));

/** What `labctl get kafka.cluster` and `kafka.group-lag` read, the latter as text; in time, each. */
async function read(where: string | OwnOptions) {
  const target = await opened(where);
  const startMs = systemClock.monotonic();
  const cluster = await readOnce({ probe: kafkaCluster, target, before: undefined });
  expect(systemClock.monotonic() - startMs, 'answered in time').toBeLessThan(5_000);
  return { cluster, lag: asText(await readOnce({ probe: kafkaGroupLag, target, before: undefined })) };
}

const at = (listener: Listener, options: string, scheme = 'kafkas', login = ''): string =>
  `${scheme}://${login}${broker.addressOf(listener)}${options}`;
const ca = (): string => `ca=${authority.cert}`;

const served = () => ({
  cluster: { status: 'ok', value: { brokers: [{ nodeId: 1, alive: true }], quorum: { known: true } } },
  lag: expect.stringContaining('"lag":{"atLeast":"3","unknown":0'),
});
const refused = (words: string) => ({
  cluster: { status: 'unknown', reason: expect.stringContaining(words) },
  lag: expect.stringMatching(/^\{"status":"unknown"/),
});

test.each(['identity', 'ca', 'none'])('tls=%s with the right authority reads', async (verify) => {
  expect(await read(at('SSL', `?tls=${verify}&${ca()}`))).toMatchObject(served());
});

test('SASL_SSL: by PLAIN and by SCRAM, a wrong password is not permitted', async () => {
  const plain = at('SASL_SSL', `?${ca()}`, 'kafkas', 'admin:admin@');
  expect(await read(plain)).toMatchObject(served());
  const scram = at('SASL_SSL', `?mechanism=scram-sha-512&${ca()}`, 'kafkas', 'labctl:labctl@');
  expect((await read(scram)).cluster).toMatchObject({ status: 'ok' });
  expect((await read(at('SASL_SSL', `?${ca()}`, 'kafkas', 'admin:wrong@'))).cluster).toMatchObject({
    reason: `${notPermitted}: Kafka refuses this login`,
  });
  expect(await read(at('SASL_SSL', `?${ca()}`))).toMatchObject(refused('one that wants a login does that'));
  const answer = await diagnose({ diagnosis: duplicates, target: await opened(plain) });
  expect(answer.counts, 'a scan of the topic').toMatchObject({ records: 5 });
});

test('a profile says the same in its file', async () => {
  const config = join(folder, 'labctl.yaml');
  const sasl = { mechanism: 'plain', user: 'admin', password: `\${KAFKA_PW}` };
  const kafka = { brokers: [broker.addressOf('SASL_SSL')], tls: { ca: authority.cert }, sasl };
  writeFileSync(
    config,
    JSON.stringify({ profiles: { shop: { kafka }, careless: { kafka: { ...kafka, tls: true } } } }),
  );
  expect(await read({ profile: 'shop', config })).toMatchObject(served());
  expect(await read({ profile: 'careless', config })).toMatchObject(refused('; try ca=<file of that authority>'));
});

test('whoever signed it must be trusted, unless nothing is checked', async () => {
  const untrusted = refused('the authority that signed its certificate is not trusted');
  expect(await read(at('SSL', ''))).toMatchObject(untrusted);
  expect(await read(at('SSL', `?tls=ca&ca=${stranger.cert}`))).toMatchObject(untrusted);
  expect(await read(at('SSL', `?ca=${stranger.cert}`))).toMatchObject(refused('; try ca=<file of that authority>'));
});

test('a certificate for another name is refused by identity, which tells its names; ca takes it', async () => {
  expect(await read(at('OTHERNAME', `?${ca()}`))).toMatchObject(
    refused('is for another name: DNS:broker.example (ERR_TLS_CERT_ALTNAME_INVALID); try tls=ca'),
  );
  expect(await read(at('OTHERNAME', `?tls=ca&${ca()}`))).toMatchObject(served());
});

test('an expired certificate is named', async () => {
  for (const verify of ['identity', 'ca']) {
    const expired = refused('has expired (CERT_HAS_EXPIRED)');
    expect(await read(at('EXPIRED', `?tls=${verify}&${ca()}`)), verify).toMatchObject(expired);
  }
  expect(await read(at('EXPIRED', '?tls=none'))).toMatchObject(served());
});

test('a broker that checks its clients: with a certificate, without, with one that it does not trust', async () => {
  const { cert, key } = stranger.issue('stranger');
  expect(await read(at('MUTUAL', `?${ca()}&cert=${client.cert}&key=${client.key}`))).toMatchObject(served());
  expect(await read(at('MUTUAL', `?${ca()}`))).toMatchObject(refused('(CLIENT_CERTIFICATE_REQUIRED); try cert='));
  expect(await read(at('MUTUAL', `?${ca()}&cert=${cert}&key=${key}`))).toMatchObject(
    refused('it refuses our client certificate'),
  );
});

describe('the wrong language', () => {
  test('plain text to a TLS listener, and TLS to a plain one, are told apart from a broker that is gone', async () => {
    expect(await read(at('SSL', '', 'kafka'))).toMatchObject(refused('this port speaks TLS'));
    expect(await read(at('SASL_SSL', '', 'kafka', 'admin:admin@'))).toMatchObject(refused('this port speaks TLS'));
    expect(await read(at('PLAIN', `?${ca()}`))).toMatchObject(refused('this port does not speak TLS (PORT_IS_PLAIN)'));
    expect(await read(`kafkas://admin:admin@${broker.address}?${ca()}`)).toMatchObject(refused('(PORT_IS_PLAIN)'));
    expect(await read(at('PLAIN', '', 'kafka'))).toMatchObject(served());
    expect(await read(`kafkas://localhost:1?${ca()}`)).toMatchObject(refused('(ECONNREFUSED)'));
  });
});

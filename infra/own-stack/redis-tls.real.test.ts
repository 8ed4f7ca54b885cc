import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { systemClock, waitFor } from '../clock.ts';
import { redisNodes } from '../probes/redis/nodes.ts';
import { readOnce } from '../probes/sampler.ts';
import { stackHealth } from '../probes/stack/health.ts';
import { type ProcessIdentity, signalProcess, spawnDaemon, terminate } from '../process.ts';
import { connectRedis, redisClient } from '../redis/client.ts';
import { fetchEngines } from '../stack/native/fetch/fetch-engines.ts';
import { redisServer } from '../stack/native/nodes/redis-node.ts';
import { ownTarget, type Target } from '../target.ts';
import { type Authority, createAuthority, type KeyPair } from '../testing/certificates.ts';
import { type OwnOptions, ownStackFrom } from './own-stack.ts';
import { readTls } from './tls-files.ts';

/** A Redis that speaks TLS and nothing else, as its operator would name it, and everything that can be wrong with that. */

const config = inject('config');
const first = 19_200 + config.portOffset;
const ports = {
  good: first,
  mutual: first + 1,
  otherName: first + 2,
  expired: first + 3,
  plain: first + 4,
  node: first + 5,
  mutual12: first + 6,
};
type Server = keyof typeof ports;

let folder = '';
let authority: Authority;
let stranger: Authority;
let impostor: Authority;
let client: KeyPair;
const servers: ProcessIdentity[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-redis-tls-'));
  authority = createAuthority(folder, 'own-ca');
  stranger = createAuthority(mkdtempSync(join(folder, 'stranger-')), 'other-ca');
  impostor = createAuthority(mkdtempSync(join(folder, 'impostor-')), 'own-ca');
  client = authority.issue('client');
  const local = { hosts: ['localhost'], addresses: ['127.0.0.1'] };
  const good = authority.issue('good', local);
  const tls = ({ cert, key }: KeyPair, wantsClients: 'yes' | 'no' = 'no'): readonly string[] => [
    ...['--tls-cert-file', cert, '--tls-key-file', key],
    ...['--tls-ca-cert-file', authority.cert, '--tls-auth-clients', wantsClients],
  ];
  const more: Readonly<Record<Server, readonly string[]>> = {
    good: tls(good),
    mutual: tls(good, 'yes'),
    mutual12: [...tls(good, 'yes'), '--tls-protocols', 'TLSv1.2'],
    otherName: tls(authority.issue('other-name', { hosts: ['cache.example'] })),
    expired: tls(authority.issue('expired', { ...local, fromDay: -3, untilDay: -1 })),
    plain: [],
    node: [...tls(good), '--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-announce-ip', '127.0.0.1'],
  };
  const { redis } = await fetchEngines({
    config,
    env: process.env,
    onEvent: () => {},
    signal: AbortSignal.timeout(60_000),
  });
  for (const name of Object.keys(ports) as Server[]) {
    const port = name === 'plain' ? [] : ['--port', '0', '--tls-port', String(ports[name])];
    const { command, args } = redisServer(redis, {
      port: ports[name],
      dataDir: mkdtempSync(join(folder, 'data-')),
      logFile: join(folder, `${name}.log`),
      cwd: folder,
      more: [...more[name], ...port],
    });
    servers.push(await spawnDaemon(command, args, { logFile: join(folder, 'out.log'), cwd: folder }));
  }
  for (const name of Object.keys(ports) as Server[]) await waitFor(name, () => answers(name), { timeoutMs: 20_000 });
}, 60_000);

afterAll(async () => {
  await Promise.all(servers.map((server) => terminate(server, 5_000)));
  rmSync(folder, { recursive: true });
});

/** As its administrator reaches it. */
function admin(name: Server) {
  const tls = name === 'plain' ? {} : { tls: readTls({ verify: 'none', cert: client.cert, key: client.key }) };
  return redisClient({ host: 'localhost', port: ports[name], ...tls }, 'test.tls');
}

async function answers(name: Server): Promise<boolean> {
  const redis = admin(name);
  await connectRedis(redis);
  const pong = await redis.ping().catch(() => '');
  if (name === 'node' && pong === 'PONG') await redis.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').catch(() => {});
  redis.disconnect();
  return pong === 'PONG';
}

async function opened(where: string | OwnOptions): Promise<Target> {
  const options = typeof where === 'string' ? { redis: where } : where;
  const target = ownTarget(await ownStackFrom(options, { env: {}, ask: async () => undefined, osUser: 'me' }));
  onTestFinished(() => target.close());
  return target;
}

/** What `labctl get redis.nodes` reads, with `--redis <address>` or of a profile; in time. */
async function read(where: string | OwnOptions) {
  const target = await opened(where);
  const startMs = systemClock.monotonic();
  const reading = await readOnce({ probe: redisNodes, target, before: undefined });
  expect(systemClock.monotonic() - startMs, 'answered in time').toBeLessThan(4_000);
  return reading;
}

const at = (name: Server, options = '', host = 'localhost'): string => `rediss://${host}:${ports[name]}${options}`;
const ca = (): string => `ca=${authority.cert}`;

const served = { status: 'ok', value: { nodes: [{ facts: { known: true } }] } };
const refused = (words: string) => ({ status: 'unknown', reason: expect.stringContaining(words) });

test.each(['', 'identity', 'ca', 'none'])('tls=%s with the right authority reads', async (verify) => {
  const options = verify === '' ? `?${ca()}` : `?tls=${verify}&${ca()}`;
  expect(await read(at('good', options))).toMatchObject(served);
  expect(await read(at('good', options, '127.0.0.1'))).toMatchObject(served);
});

test('a profile says the same in its file', async () => {
  const config = join(folder, 'labctl.yaml');
  const redis = { host: 'localhost', port: ports.otherName, tls: { verify: 'ca', ca: authority.cert } };
  const strict = { ...redis, tls: { ca: authority.cert } };
  writeFileSync(config, JSON.stringify({ profiles: { cache: { redis }, strict: { redis: strict } } }));
  expect(await read({ profile: 'cache', config })).toMatchObject(served);
  expect(await read({ profile: 'strict', config })).toMatchObject(refused('is for another name'));
});

test('whoever signed it must be trusted, unless nothing is checked', async () => {
  const untrusted = refused('the authority that signed its certificate is not trusted');
  expect(await read(at('good'))).toMatchObject(untrusted);
  expect(await read(at('good', `?tls=ca&ca=${stranger.cert}`))).toMatchObject(untrusted);
  expect(await read(at('good', `?ca=${impostor.cert}`)), 'another authority of that name').toMatchObject(untrusted);
  expect(await read(at('good', `?ca=${stranger.cert}`))).toMatchObject(refused('; try ca=<file of that authority>'));
  expect(await read(at('good', '?tls=none'))).toMatchObject(served);
});

test('a certificate for another name is refused by identity, which tells its names; ca takes it', async () => {
  expect(await read(at('otherName', `?${ca()}`))).toMatchObject(
    refused('is for another name: DNS:cache.example (ERR_TLS_CERT_ALTNAME_INVALID); try tls=ca'),
  );
  expect(await read(at('otherName', `?tls=ca&${ca()}`))).toMatchObject(served);
  expect(await read(at('otherName', '?tls=none'))).toMatchObject(served);
});

test('an expired certificate is named', async () => {
  const expired = refused('has expired (CERT_HAS_EXPIRED)');
  expect(await read(at('expired', `?${ca()}`))).toMatchObject(expired);
  expect(await read(at('expired', `?tls=ca&${ca()}`))).toMatchObject(expired);
  expect(await read(at('expired', '?tls=none'))).toMatchObject(served);
});

test('a server that checks its clients: with a certificate, without, with one that it does not trust', async () => {
  const { cert, key } = stranger.issue('stranger');
  expect(await read(at('mutual', `?${ca()}&cert=${client.cert}&key=${client.key}`))).toMatchObject(served);
  expect(await read(at('mutual', `?${ca()}`))).toMatchObject(refused('(CLIENT_CERTIFICATE_REQUIRED); try cert='));
  expect(await read(at('mutual', `?${ca()}&cert=${cert}&key=${key}`))).toMatchObject(
    refused('it refuses our client certificate: unknown CA'),
  );
  expect(await read(at('mutual12', `?${ca()}&cert=${client.cert}&key=${client.key}`))).toMatchObject(served);
  expect(await read(at('mutual12', `?${ca()}`)), 'TLS 1.2 does not say why').toMatchObject(
    refused('it refuses the TLS handshake (TLS_HANDSHAKE_REFUSED); try cert='),
  );
});

describe('the wrong language', () => {
  test('plain text to a TLS port, and TLS to a plain one, are told apart from a server that is gone', async () => {
    expect(await read(`localhost:${ports.good}`)).toMatchObject(refused('this port speaks TLS'));
    expect(await read(at('plain', `?${ca()}`))).toMatchObject(refused('this port does not speak TLS (PORT_IS_PLAIN)'));
    expect(await read(`localhost:${ports.plain}`)).toMatchObject(served);
    expect(await read(`rediss://localhost:${first + 9}?${ca()}`)).toMatchObject(refused('(ECONNREFUSED)'));
  });
});

test('a frozen server gives no answer: nobody takes that for a plain port', async () => {
  const frozen = servers[Object.keys(ports).indexOf('expired')];
  if (frozen === undefined) throw new Error('no server');
  await signalProcess(frozen, 'SIGSTOP');
  onTestFinished(async () => void (await signalProcess(frozen, 'SIGCONT')));
  expect(await read(at('expired', '?tls=none'))).toMatchObject(refused('cannot be reached (ETIMEDOUT)'));
});

test('a server that may be well for others is no finding, and not healthy either; an expired certificate is one', async () => {
  const health = async (address: string) => {
    const reading = await readOnce({ probe: stackHealth, target: await opened(address), before: undefined });
    if (reading.status === 'unknown') throw new Error(reading.reason);
    const serves = reading.value.engines.map(({ answer }) => answer.serves);
    return [serves, stackHealth.judge(reading.value).map(({ key }) => key)];
  };
  expect(await health(at('good'))).toEqual([['unknown'], []]);
  expect(await health(`localhost:${ports.good}`)).toEqual([['unknown'], []]);
  expect(await health(at('expired', `?${ca()}`))).toEqual([[false], ['engine.redis']]);
  expect(await health(at('good', `?${ca()}`))).toEqual([[true], []]);
});

test('a cluster: every node is reached over TLS, under the address that it announces', async () => {
  expect(await read(at('node', `?${ca()}`))).toMatchObject({
    status: 'ok',
    value: { nodes: [{ isInCluster: true, slots: 16_384, facts: { known: true } }] },
  });
});

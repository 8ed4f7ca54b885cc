import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findMysqlServers, findRedisServers, identifyMysql, identifyRedis, isAtLeast } from './host-servers.ts';

test.each([
  ['mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4'],
  ['/usr/sbin/mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))', '8.0.36'],
  ['/opt/homebrew/opt/mysql/bin/mysqld  Ver 9.0.1 for macos14.4 on arm64 (Homebrew)', '9.0.1'],
  ['mysqld  Ver 8.4.0 for Linux on x86_64 (MySQL Community Server - GPL)', '8.4.0'],
  ['mysqld  Ver 8.4.0-1 for Linux on x86_64 (Percona Server (GPL), Release 1, Revision 238b3c02)', '8.4.0'],
  ['mysql  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', '9.7.4'],
])('%s is MySQL %s', (output, version) => {
  expect(identifyMysql(output)).toEqual({ version });
});

test.each([
  'mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)',
  'mysqld from 11.4.2-MariaDB, client 15.2 for osx10.19 (arm64) using  EditLine wrapper',
  'mysql  Ver 15.1 Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64) using  EditLine wrapper',
])('%s is no MySQL', (output) => {
  expect(identifyMysql(output)).toMatchObject({ other: { en: 'it is MariaDB, not MySQL' } });
});

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0', { version: '7.0.15' }],
  ['Redis server v=8.2.1 sha=00000000:1 malloc=libc bits=64 build=1f2e3d4c5b6a7988', { version: '8.2.1' }],
  ['Valkey server v=8.1.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=3', { other: expect.anything() }],
  ['Server v=7', undefined],
  ['', undefined],
])('%s is %o', (output, identified) => {
  expect(identifyRedis(output)).toEqual(identified);
});

test('versions compare by number, not by letter', () => {
  expect(isAtLeast('10.1.0', [8, 4])).toBe(true);
  expect(isAtLeast('8.4.0', [8, 4])).toBe(true);
  expect(isAtLeast('8.0.46', [8, 4])).toBe(false);
  expect(isAtLeast('7.4.1', [8, 0])).toBe(false);
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'labctl-host-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

/** Programs that only tell their version. @returns their folder. */
function programs(below: string, outputs: Readonly<Record<string, string>>): string {
  mkdirSync(below, { recursive: true });
  for (const [name, output] of Object.entries(outputs)) {
    writeFileSync(join(below, name), `#!/bin/sh\necho '${output}'\n`);
    chmodSync(join(below, name), 0o755);
  }
  return below;
}

const mysqlOf = (version: string) => ({
  mysqld: `mysqld  Ver ${version} for Linux on x86_64 (MySQL Community Server - GPL)`,
  mysql: `mysql  Ver ${version} for Linux on x86_64 (MySQL Community Server - GPL)`,
});
const search = (folders: readonly string[], { allowed = true, others = [] as readonly string[] } = {}) => ({
  env: { PATH: [...folders, '/bin-that-is-not-there'].join(':') },
  allowed,
  signal: AbortSignal.timeout(20_000),
  folders: others,
});

test('all are found, PATH first, each that is not used with its reason', async () => {
  const base = folder();
  const old = programs(join(base, 'old'), mysqlOf('8.0.46'));
  const maria = programs(join(base, 'maria'), { mysqld: 'mysqld  Ver 10.11.6-MariaDB-0+deb12u1 for x on y (Debian)' });
  const silent = programs(join(base, 'silent'), { mysqld: 'bash: permission denied' });
  const fitting = programs(join(base, 'fitting'), mysqlOf('8.4.7'));
  const found = await findMysqlServers(search([old, maria, silent], { others: [fitting] }));
  expect(found.map(({ version, fits, rejected }) => [version, fits, rejected?.en])).toEqual([
    ['8.0.46', false, 'version 8.0.46; 8.4 or newer is needed'],
    ['10.11.6', false, 'it is MariaDB, not MySQL'],
    [undefined, false, 'it does not tell its version'],
    ['8.4.7', true, undefined],
  ]);
  expect(found[3]?.clients).toBe(fitting);
});

test("the client may lie elsewhere on the PATH; another product's does not count", async () => {
  const base = folder();
  const server = programs(join(base, 'server'), {
    mysqld: mysqlOf('8.4.7').mysqld,
    mysql: 'mysql  Ver 15.1 Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)',
  });
  const [alone] = await findMysqlServers(search([server]));
  expect(alone).toMatchObject({ fits: false, rejected: { en: 'there is no mysql on the PATH to go with it' } });
  const client = programs(join(base, 'client'), { mysql: mysqlOf('9.1.0').mysql });
  const [together] = await findMysqlServers(search([server, client]));
  expect(together).toMatchObject({ fits: true, clients: client });
});

test('Redis is found with its client, and refused where no host engine is wanted', async () => {
  const bin = programs(folder(), {
    'redis-server': 'Redis server v=7.2.4 sha=00000000:0 bits=64',
    'redis-cli': 'redis-cli 7.2.4',
  });
  expect(await findRedisServers(search([bin]))).toMatchObject([{ version: '7.2.4', fits: true, clients: bin }]);
  const refused = await findRedisServers(search([bin], { allowed: false }));
  expect(refused).toMatchObject([{ version: '7.2.4', fits: false, rejected: { en: 'LABCTL_HOST_ENGINES=0' } }]);
});

import { isAbsolute, join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { packageRoot } from './package-root.ts';

test('without any variable: the folder of this clone, the cache of this user, English', () => {
  const config = readConfig({});
  expect(config).toMatchObject({ portOffset: 0, stateDir: join(packageRoot, '.lab'), language: 'en' });
  expect(isAbsolute(config.cacheDir)).toBe(true);
});

test('an offset moves the ports and gets a folder of its own', () => {
  expect(readConfig({ LABCTL_PORT_OFFSET: '300' })).toMatchObject({
    portOffset: 300,
    stateDir: join(packageRoot, '.lab', 'offset-300'),
  });
});

test('folders become absolute, and an empty variable is unset', () => {
  const config = readConfig({
    LABCTL_STATE_DIR: 'state',
    LABCTL_CACHE_DIR: '',
    XDG_CACHE_HOME: 'cache',
    LABCTL_LANG: '',
  });
  expect(config.stateDir).toBe(join(process.cwd(), 'state'));
  expect(config.cacheDir).toBe(join(process.cwd(), 'cache', 'labctl'));
});

test.each([
  ['LABCTL_LANG', 'ko', { LANG: 'en_US.UTF-8' }],
  ['LANG', 'ko_KR.UTF-8', {}],
  ['LC_ALL', 'ko_KR.UTF-8', { LANG: 'C' }],
])('%s=%s speaks Korean', (name, value, others) => {
  expect(readConfig({ ...others, [name]: value }).language).toBe('ko');
});

test('engines of this machine are used unless that is refused', () => {
  expect(readConfig({}).hostEngines).toBe(true);
  expect(readConfig({ LABCTL_HOST_ENGINES: '0' }).hostEngines).toBe(false);
});

test.each([
  ['LABCTL_PORT_OFFSET', 'many'],
  ['LABCTL_PORT_OFFSET', '-300'],
  ['LABCTL_PORT_OFFSET', '1e2'],
  ['LABCTL_PORT_OFFSET', '3.5'],
  ['LABCTL_LANG', 'fr'],
  ['LABCTL_HOST_ENGINES', 'no'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(`${name}=${value} cannot be used`);
});

test.runIf(process.platform === 'linux').each([
  ['LABCTL_STATE_DIR', '/proc/lab'],
  ['LABCTL_CACHE_DIR', '/proc/self/a/b'],
])('%s=%s, where no folder can be made, is refused by its name', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(`${name}=${value} cannot be used`);
});

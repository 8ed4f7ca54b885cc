import { expect, test } from 'vitest';
import { fetchFailure } from './fetch-failure.ts';

const what = { ko: 'apt-get install 명령이 실패했습니다', en: 'apt-get install failed' };
const failure = (tools: string) => fetchFailure(what, { said: 'E: last line', tools, cure: 'check the network' });

test.each([
  'E: Write error - write (28: No space left on device)',
  "E: You don't have enough free space in /cache/archives/.",
  'tar: ./usr/sbin/mysqld: Cannot write: No space left on device',
  '[ERROR] java.io.IOException: Disk quota exceeded',
])('%s is a full disk', (tools) => {
  const { message, code, tryThis, said } = failure(tools);
  expect(message).toBe('apt-get install failed: the disk is full');
  expect(code).toBe('ENOSPC');
  expect(tryThis[0]).toMatch(/LABCTL_CACHE_DIR/);
  expect(JSON.stringify(said.what)).toMatch(/디스크가 가득/);
});

test('anything else keeps its own words and cure; in both cases the next run goes on', () => {
  const { message, why, tryThis } = failure('Temporary failure resolving deb.debian.org');
  expect(message).toBe('apt-get install failed');
  expect(why).toBe('E: last line');
  expect(tryThis[0]).toBe('check the network');
  expect(tryThis[1]).toMatch(/goes on from there/);
  expect(failure('No space left on device').tryThis.at(-1)).toBe(tryThis[1]);
});

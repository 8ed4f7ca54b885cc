import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthority, type KeyPair } from '../testing/certificates.ts';
import { readTls } from './tls-files.ts';

let folder = '';
let [ca, me, other]: KeyPair[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'labctl-tls-'));
  const authority = createAuthority(folder, 'ca');
  [ca, me, other] = [authority, authority.issue('me'), authority.issue('other')];
});

afterAll(() => rmSync(folder, { recursive: true }));

test('files become PEM texts, and are remembered for the commands that are shown', () => {
  expect(readTls({ ca: ca?.cert, cert: me?.cert, key: me?.key })).toEqual({
    verify: 'identity',
    ca: readFileSync(ca?.cert ?? '', 'utf8'),
    caFile: ca?.cert,
    cert: readFileSync(me?.cert ?? '', 'utf8'),
    certFile: me?.cert,
    key: readFileSync(me?.key ?? '', 'utf8'),
    keyFile: me?.key,
  });
});

test('what cannot work is said before anything connects, naming the file', () => {
  const locked = join(folder, 'locked.pem');
  writeFileSync(locked, '-----BEGIN ENCRYPTED PRIVATE KEY-----\n');
  const mistakes = [
    [{ cert: me?.cert }, 'me.cert.pem: cert and key belong together'],
    [{ ca: me?.key }, 'me.key.pem holds no certificate'],
    [{ cert: me?.cert, key: ca?.cert }, 'ca.cert.pem holds no private key'],
    [{ cert: me?.cert, key: other?.key }, 'cannot be used together'],
    [{ cert: me?.cert, key: locked }, 'locked.pem: a key with a passphrase cannot be used'],
    [{ ca: join(folder, 'none') }, 'the file cannot be read'],
  ] as const;
  for (const [files, words] of mistakes) {
    expect(() => readTls(files)).toThrow(expect.objectContaining({ name: 'UserError', why: expect.any(String) }));
    expect(() => readTls(files)).toThrow(words);
  }
});

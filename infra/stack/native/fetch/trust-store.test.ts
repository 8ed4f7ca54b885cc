import { createHash } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { javaKeyStore, trustedCertificates, trustStorePassword } from './trust-store.ts';

const two = rootCertificates.slice(0, 2);

test('a key store begins with its magic number, version and count, and holds each certificate in DER', () => {
  const store = javaKeyStore(two, trustStorePassword, 0);
  expect(store.subarray(0, 12).toString('hex')).toBe('feedfeed0000000200000002');
  for (const pem of two) {
    const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
    expect(store.includes(der)).toBe(true);
  }
});

test('its digest depends on the password', () => {
  const store = javaKeyStore(two, 'ab', 0);
  const digest = createHash('sha1')
    .update(Buffer.from([0, 0x61, 0, 0x62]))
    .update('Mighty Aphrodite')
    .update(store.subarray(0, -20))
    .digest();
  expect(store.subarray(-20)).toEqual(digest);
});

test("Node's own authorities are among the trusted ones", () => {
  expect(trustedCertificates({})).toEqual(expect.arrayContaining([two[0]?.trim()]));
});

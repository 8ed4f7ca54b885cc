import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';

/** A certificate with its private key, as PEM files. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** Both in one file, as Kafka's PEM key store wants them. */
  readonly both: string;
}

export interface Authority extends KeyPair {
  /** Signs a certificate; without names it is a client's. */
  issue(name: string, options?: IssueOptions): KeyPair;
}

interface IssueOptions {
  readonly hosts?: readonly string[];
  readonly addresses?: readonly string[];
  /** Days from now; default from yesterday until tomorrow. */
  readonly fromDay?: number;
  readonly untilDay?: number;
}

/**
 * A certificate authority made now, for the life of a test: elliptic keys (P-256), X.509 v3 as of RFC 5280, written here
 * because Node signs but makes no certificates.
 * @param folder where its files go.
 */
export function createAuthority(folder: string, name: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own = certificate({
    subject: name,
    issuer: name,
    key: keys.publicKey,
    signer: keys.privateKey,
    isAuthority: true,
  });
  return {
    ...written(folder, name, own, keys.privateKey),
    issue(subject, options = {}) {
      const leaf = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const made = certificate({ ...options, subject, issuer: name, key: leaf.publicKey, signer: keys.privateKey });
      return written(folder, subject, made, leaf.privateKey);
    },
  };
}

function written(folder: string, name: string, der: Buffer, privateKey: KeyObject): KeyPair {
  const base64 = der.toString('base64').replace(/.{64}/g, '$&\n');
  const cert = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const files = { cert: `${name}.cert.pem`, key: `${name}.key.pem`, both: `${name}.both.pem` };
  writeFileSync(join(folder, files.cert), cert);
  writeFileSync(join(folder, files.key), key, { mode: 0o600 });
  writeFileSync(join(folder, files.both), key + cert, { mode: 0o600 });
  return { cert: join(folder, files.cert), key: join(folder, files.key), both: join(folder, files.both) };
}

interface CertificateOptions extends IssueOptions {
  readonly subject: string;
  readonly issuer: string;
  readonly key: KeyObject;
  readonly signer: KeyObject;
  readonly isAuthority?: boolean;
}

const dayMs = 86_400_000;
const ecdsaWithSha256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));

function certificate({
  subject,
  issuer,
  key,
  signer,
  fromDay = -1,
  untilDay = 1,
  ...rest
}: CertificateOptions): Buffer {
  const now = systemClock.now();
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])), // the serial number
    ecdsaWithSha256,
    commonName(issuer),
    sequence(utcTime(now + fromDay * dayMs), utcTime(now + untilDay * dayMs)),
    commonName(subject),
    key.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions(rest))),
  );
  return sequence(toBeSigned, ecdsaWithSha256, bits(sign('sha256', toBeSigned, signer)));
}

function extensions({
  isAuthority = false,
  hosts = [],
  addresses = [],
}: Pick<CertificateOptions, 'isAuthority' | 'hosts' | 'addresses'>): readonly Buffer[] {
  const names = [
    ...hosts.map((host) => tagged(0x82, Buffer.from(host, 'ascii'))),
    ...addresses.map((address) => tagged(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  const isTrue = tagged(0x01, Buffer.from([0xff]));
  const constraints = isAuthority ? sequence(isTrue) : sequence();
  return [
    sequence(oid(2, 5, 29, 19), isTrue, octets(constraints)),
    ...(names.length === 0 ? [] : [sequence(oid(2, 5, 29, 17), octets(sequence(...names)))]),
  ];
}

/** DER: tag, length, content (ITU-T X.690). */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

/** DER wants the shortest form of a positive number. @param value its first byte is 1 to 127. */
const integer = (value: Buffer): Buffer => tagged(0x02, value);

const octets = (content: Buffer): Buffer => tagged(0x04, content);
const bits = (content: Buffer): Buffer => tagged(0x03, Buffer.from([0]), content);

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid(2, 5, 4, 3), tagged(0x0c, Buffer.from(name, 'utf8')))));
}

/** `YYMMDDhhmmssZ`. */
function utcTime(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/^..|\.\d+|[-:T]/g, '');
  return tagged(0x17, Buffer.from(text, 'ascii'));
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const base128 = (arc: number): number[] => {
    const digits = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  };
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

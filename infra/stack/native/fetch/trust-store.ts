import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { getCACertificates, rootCertificates } from 'node:tls';

/**
 * The certificate authorities that this machine trusts, as a Java trust store. A JRE out of Debian's package has none of
 * its own: the file it links to is made by an installation script that never runs here.
 */

/** What javax.net.ssl.trustStorePassword must be for it. */
export const trustStorePassword = 'changeit';

/** PEM texts: what Node trusts (its own list and NODE_EXTRA_CA_CERTS) and what the system's bundle holds. */
export function trustedCertificates(env: NodeJS.ProcessEnv): readonly string[] {
  const bundles = [env.SSL_CERT_FILE, '/etc/ssl/certs/ca-certificates.crt'];
  const fromSystem = bundles.flatMap((file) => (file && existsSync(file) ? pemBlocks(readFileSync(file, 'utf8')) : []));
  // getCACertificates came with Node 22.15.
  const fromNode = typeof getCACertificates === 'function' ? getCACertificates('default') : rootCertificates;
  return [...new Set([...fromNode, ...fromSystem].map((pem) => pem.trim()))];
}

function pemBlocks(bundle: string): readonly string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/**
 * The JKS format, version 2, as sun.security.provider.JavaKeyStore writes it: a header, an entry a certificate, and a
 * SHA-1 over the password in UTF-16, the words "Mighty Aphrodite" and all that stands before. keytool would need half a
 * second for each of some 150 certificates.
 */
export function javaKeyStore(certificates: readonly string[], password: string, nowMs: number): Buffer {
  const entries = certificates.map((pem, index) => trustedEntry(`authority-${index}`, pem, nowMs));
  const body = Buffer.concat([uint32(0xfeedfeed), uint32(2), uint32(entries.length), ...entries]);
  const digest = createHash('sha1')
    .update(Buffer.from(password, 'utf16le').swap16())
    .update('Mighty Aphrodite')
    .update(body)
    .digest();
  return Buffer.concat([body, digest]);
}

function trustedEntry(alias: string, pem: string, nowMs: number): Buffer {
  const certificate = new X509Certificate(pem).raw;
  const trustedTag = 2;
  const created = Buffer.alloc(8);
  created.writeBigInt64BE(BigInt(nowMs));
  return Buffer.concat([
    uint32(trustedTag),
    shortText(alias),
    created,
    shortText('X.509'),
    uint32(certificate.length),
    certificate,
  ]);
}

/** DataOutputStream.writeUTF: a two-byte length, then the text; ours is ASCII. */
function shortText(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, 'ascii')]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

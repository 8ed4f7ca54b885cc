import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/** How a connection is encrypted. Certificates are PEM texts, read when the settings were. */
export interface Tls {
  /** none: encrypted, but to whom is not checked. ca: the certificate's chain. identity: the host's name in it too. */
  readonly verify: TlsVerify;
  readonly ca?: string;
  /** For a server that asks its clients for a certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** Where they were read from, for the native commands that are shown. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export const tlsVerifies = ['none', 'ca', 'identity'] as const;
export type TlsVerify = (typeof tlsVerifies)[number];

/**
 * As Node's tls.connect takes it, and with it kafkajs and ioredis.
 * @param host of one server: its name goes out in the clear (SNI), by which a proxy before many servers finds the right
 * one. kafkajs does that by itself for each of its brokers.
 */
export function tlsOptions({ verify, ca, cert, key }: Tls, host?: string): ConnectionOptions {
  return {
    ...(host === undefined || isIP(host) !== 0 ? {} : { servername: host }),
    rejectUnauthorized: verify !== 'none',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(verify === 'ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

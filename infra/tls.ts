import type { ConnectionOptions } from 'node:tls';

/** How a connection is encrypted. Certificates are PEM texts, read when the settings were. */
export interface Tls {
  /** none: encrypted, but to whom is not checked. ca: the certificate's chain. identity: the host's name in it too. */
  readonly verify: TlsVerify;
  readonly ca?: string;
  /** For a server that asks its clients for a certificate. */
  readonly cert?: string;
  readonly key?: string;
  /** Where `ca` was read from, for the native commands that are shown. */
  readonly caFile?: string;
}

export const tlsVerifies = ['none', 'ca', 'identity'] as const;
export type TlsVerify = (typeof tlsVerifies)[number];

/** As Node's tls.connect takes it, and with it kafkajs and ioredis. */
export function tlsOptions({ verify, ca, cert, key }: Tls): ConnectionOptions {
  return {
    rejectUnauthorized: verify !== 'none',
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(verify === 'ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

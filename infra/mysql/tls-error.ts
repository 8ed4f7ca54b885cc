import type { EngineError } from '../errors.ts';
import type { MysqlEndpoint } from '../stack/stack.ts';
import { portIsPlain, tlsError } from '../tls-failure.ts';

/**
 * mysql2 writes one code of its own over Node's, whatever failed in the handshake (lib/commands/client_handshake.js); what
 * is left are the words that OpenSSL (X509_verify_cert_error_string) and Node's checkServerIdentity have for each.
 */
const codeByWords: readonly (readonly [string, string])[] = [
  ['certificate has expired', 'CERT_HAS_EXPIRED'],
  ['certificate is not yet valid', 'CERT_NOT_YET_VALID'],
  ['self-signed certificate in certificate chain', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ['self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ['unable to get local issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  ['unable to get issuer certificate', 'UNABLE_TO_GET_ISSUER_CERT'],
  ['certificate signature failure', 'CERT_SIGNATURE_FAILURE'],
  ["does not match certificate's altnames", 'ERR_TLS_CERT_ALTNAME_INVALID'],
];

/** @returns undefined where it has nothing to do with TLS, or does not say what. */
export function mysqlTlsError(error: unknown, { host, port, tls }: MysqlEndpoint): EngineError | undefined {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string };
  const name = { ko: `MySQL ${host}:${port}`, en: `MySQL at ${host}:${port}` };
  const place = { engine: 'mysql', name, tls } as const;
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT') return tlsError(place, { code: portIsPlain, message });
  if (code !== 'HANDSHAKE_SSL_ERROR') return undefined;
  const [, meant] = codeByWords.find(([words]) => message.includes(words)) ?? [];
  return tlsError(place, { code: meant, message });
}

import { expect, test } from 'vitest';
import { isTlsDisagreement, tlsAdviceIn, tlsError } from './tls-failure.ts';

const place = { engine: 'redis', name: { ko: 'Redis r:6379', en: 'Redis at r:6379' }, tls: undefined } as const;
const ours = { verify: 'identity', cert: 'PEM', key: 'PEM' } as const;
const alert = (number: number): { readonly message: string; readonly code: string } => ({
  code: 'EPROTO', // as Node calls it where a write failed
  message: `write EPROTO 408D:error:0A000410:SSL routines:ssl3_read_bytes:some words:rec_layer_s3.c:918:SSL alert number ${number}\n`,
});

test('each says what, with its code and a way out, in a line; why and what to try in both languages', () => {
  const error = tlsError(place, { code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed certificate' });
  expect(error).toMatchObject({
    message:
      'Redis at r:6379: the authority that signed its certificate is not trusted (SELF_SIGNED_CERT_IN_CHAIN); try ca=<file of that authority>',
    said: { what: { ko: 'Redis r:6379: 서버 인증서에 서명한 기관을 신뢰하지 않음 (SELF_SIGNED_CERT_IN_CHAIN)' } },
  });
  const advice = tlsAdviceIn(error?.message ?? '');
  expect(advice?.why).toBe(error?.said.why);
  expect(advice?.tryThis.map(({ en }) => en)).toEqual(error?.tryThis);
});

test("a client's certificate: none, or one that is refused, by the number of the alert", () => {
  expect(tlsError(place, alert(116))).toMatchObject({ code: 'CLIENT_CERTIFICATE_REQUIRED' });
  expect(tlsError({ ...place, tls: ours }, alert(48))?.message).toMatch(
    /it refuses our client certificate: unknown CA \(CLIENT_CERTIFICATE_REFUSED\); try another cert= and key=$/,
  );
  expect(tlsError(place, alert(40))).toMatchObject({ code: 'TLS_HANDSHAKE_REFUSED' });
  expect(tlsError(place, alert(80))).toBeUndefined();
});

test('the names in a certificate are told, printable and cut', () => {
  const named = (names: string) =>
    tlsError(place, {
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      message: `Host: r. is not in the cert's altnames: ${names}`,
    });
  expect(named('DNS:wrong.example')?.message).toContain('for another name: DNS:wrong.example (ERR_TLS');
  expect(named(`DNS:\u001b[31m${'x'.repeat(500)}`)?.message).toMatch(/name: DNS:x{76} \(/);
});

test('what is no matter of TLS is left alone', () => {
  expect(tlsError(place, { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' })).toBeUndefined();
  expect(tlsAdviceIn('Redis at r:6379 cannot be reached (ECONNREFUSED)')).toBeUndefined();
});

test('whom we do not trust may serve all others; an expired certificate shuts everybody out', () => {
  const said = (code: string) => tlsError(place, { code, message: '' });
  expect(isTlsDisagreement(said('DEPTH_ZERO_SELF_SIGNED_CERT'))).toBe(true);
  expect(isTlsDisagreement(said('PORT_IS_TLS'))).toBe(true);
  expect(isTlsDisagreement(said('CERT_HAS_EXPIRED'))).toBe(false);
  expect(isTlsDisagreement(new Error('any other'))).toBe(false);
});

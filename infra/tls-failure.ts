import { EngineError, type EngineName } from './errors.ts';
import { printable, type Text } from './text.ts';
import type { Tls } from './tls.ts';

/** What can be wrong between a client and a server of which at least one speaks TLS. */
type Trouble =
  | 'untrusted'
  | 'other-name'
  | 'expired'
  | 'not-yet-valid'
  | 'certificate-wanted'
  | 'certificate-refused'
  | 'handshake-refused'
  | 'port-is-plain'
  | 'port-is-tls';

/** Codes of our own, for what no library has one. */
export const portIsPlain = 'PORT_IS_PLAIN';
export const portIsTls = 'PORT_IS_TLS';
const certificateWanted = 'CLIENT_CERTIFICATE_REQUIRED';
const certificateRefused = 'CLIENT_CERTIFICATE_REFUSED';
const handshakeRefused = 'TLS_HANDSHAKE_REFUSED';

/** Node's codes of a certificate that does not pass: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const troubleOf: ReadonlyMap<string, Trouble> = new Map<string, Trouble>([
  ['SELF_SIGNED_CERT_IN_CHAIN', 'untrusted'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'untrusted'],
  ['CERT_SIGNATURE_FAILURE', 'untrusted'], // another authority that has the same name
  ['CERT_UNTRUSTED', 'untrusted'],
  ['INVALID_CA', 'untrusted'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'other-name'],
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not-yet-valid'],
  [certificateWanted, 'certificate-wanted'],
  [certificateRefused, 'certificate-refused'],
  [handshakeRefused, 'handshake-refused'],
  [portIsPlain, 'port-is-plain'],
  [portIsTls, 'port-is-tls'],
]);

/** What a server says about its client's certificate before it hangs up: RFC 8446 §6. */
const certificateAlerts: ReadonlyMap<number, string> = new Map([
  [42, 'bad certificate'],
  [43, 'unsupported certificate'],
  [44, 'certificate revoked'],
  [45, 'certificate expired'],
  [46, 'certificate unknown'],
  [48, 'unknown CA'],
  [49, 'access denied'],
  [116, 'certificate required'],
]);
/** handshake_failure, protocol_version, insufficient_security. TLS 1.2 says the first where a certificate is missing, too. */
const handshakeAlerts = new Set([40, 70, 71]);

interface Advice {
  readonly what: Text;
  /** The shortest way out, in a line with what is wrong. */
  readonly hint: string;
  readonly why: Text;
  readonly tryThis: readonly Text[];
}

const unchecked: Text = {
  ko: '?tls=none: 암호화만 하고 상대는 확인하지 않음',
  en: '?tls=none: encrypted, but nobody checks to whom',
};
const withCertificate: Text = {
  ko: '?cert=<인증서 파일>&key=<키 파일> (labctl.yaml: tls: { cert: <파일>, key: <파일> })',
  en: '?cert=<file>&key=<file> (labctl.yaml: tls: { cert: <file>, key: <file> })',
};

const adviceOn: Readonly<Record<Trouble, Advice>> = {
  untrusted: {
    what: {
      ko: '서버 인증서에 서명한 기관을 신뢰하지 않음',
      en: 'the authority that signed its certificate is not trusted',
    },
    hint: 'ca=<file of that authority>',
    why: {
      ko: 'ca=가 없으면 공인 인증 기관만, 있으면 그 파일에 든 기관만 신뢰합니다',
      en: 'without ca= only public authorities are trusted, with ca= only those in its file',
    },
    tryThis: [
      {
        ko: '?tls=identity&ca=<서버의 CA 파일> (labctl.yaml: tls: { ca: <파일> })',
        en: "?tls=identity&ca=<file of the server's CA> (labctl.yaml: tls: { ca: <file> })",
      },
      unchecked,
    ],
  },
  'other-name': {
    what: { ko: '서버 인증서가 다른 이름의 것임', en: 'its certificate is for another name' },
    hint: 'tls=ca, or an address that it names',
    why: {
      ko: 'tls=identity는 접속한 주소가 인증서의 이름(SAN)에 있는지 봅니다. Kafka와 Redis Cluster는 노드가 알려 주는 주소로 접속합니다',
      en: 'tls=identity wants the address in the certificate (SAN); of Kafka and of a Redis Cluster that is the address which each node announces',
    },
    tryThis: [
      {
        ko: '?tls=ca&ca=<CA 파일>: 서명만 확인하고 이름은 보지 않음 (labctl.yaml: tls: { verify: ca, ca: <파일> })',
        en: '?tls=ca&ca=<file>: who signed it is checked, the name is not (labctl.yaml: tls: { verify: ca, ca: <file> })',
      },
      { ko: '인증서에 있는 이름을 주소로 쓰기', en: 'a name that is in the certificate as the address' },
    ],
  },
  expired: {
    what: { ko: '서버 인증서(또는 그 CA)가 만료됨', en: 'its certificate, or the authority behind it, has expired' },
    hint: 'a new certificate on the server; until then tls=none',
    why: {
      ko: '만료된 인증서는 tls=ca와 tls=identity에서 거부됩니다',
      en: 'an expired certificate is refused by tls=ca and by tls=identity',
    },
    tryThis: [
      {
        ko: 'openssl s_client -connect <host:port> </dev/null | openssl x509 -noout -dates: 유효 기간 확인',
        en: 'openssl s_client -connect <host:port> </dev/null | openssl x509 -noout -dates shows from when to when it holds',
      },
      { ko: '서버의 인증서 갱신', en: 'a new certificate on the server' },
      unchecked,
    ],
  },
  'not-yet-valid': {
    what: { ko: '서버 인증서의 유효 기간이 아직 시작되지 않음', en: 'its certificate is not valid yet' },
    hint: 'the clocks of both machines',
    why: {
      ko: '이 기계의 시계가 늦거나, 인증서가 앞선 시각으로 발급되었습니다',
      en: "this machine's clock is behind, or the certificate was made for later",
    },
    tryThis: [{ ko: 'date -u: 양쪽 시계 비교', en: 'date -u on both machines' }, unchecked],
  },
  'certificate-wanted': {
    what: { ko: '서버가 클라이언트 인증서를 요구함', en: 'it wants a client certificate, and none was given' },
    hint: 'cert=<file>&key=<file>',
    why: {
      ko: '서버가 접속하는 쪽의 인증서도 확인합니다 (mutual TLS)',
      en: 'the server checks its clients as well (mutual TLS)',
    },
    tryThis: [withCertificate],
  },
  'certificate-refused': {
    what: { ko: '서버가 우리 클라이언트 인증서를 거부함', en: 'it refuses our client certificate' },
    hint: 'another cert= and key=',
    why: {
      ko: '서버가 믿는 CA가 서명하지 않았거나, 만료되었거나, 다른 용도의 인증서입니다',
      en: 'no authority that the server trusts signed it, or it has expired, or is meant for another use',
    },
    tryThis: [
      withCertificate,
      {
        ko: 'openssl x509 -in <인증서 파일> -noout -issuer -dates: 서명한 곳과 유효 기간',
        en: 'openssl x509 -in <file> -noout -issuer -dates shows who signed it and how long it holds',
      },
    ],
  },
  'handshake-refused': {
    what: { ko: '서버가 TLS 핸드셰이크를 거부함', en: 'it refuses the TLS handshake' },
    hint: 'cert=<file>&key=<file>, if it checks its clients',
    why: {
      ko: '클라이언트 인증서를 요구하거나(TLS 1.2), 함께 쓸 TLS 버전이나 암호 스위트가 없습니다',
      en: 'it wants a client certificate (TLS 1.2), or the two have no TLS version or cipher in common',
    },
    tryThis: [
      withCertificate,
      {
        ko: 'openssl s_client -connect <host:port>: 서버가 받는 버전과 암호 스위트',
        en: 'openssl s_client -connect <host:port> shows which version and cipher it takes',
      },
    ],
  },
  'port-is-plain': {
    what: { ko: '이 포트는 TLS를 쓰지 않음', en: 'this port does not speak TLS' },
    hint: 'the TLS port, or no TLS at all',
    why: {
      ko: 'TLS로 접속했지만 서버는 평문으로만 답합니다',
      en: 'it was asked in TLS, and answers in plain text only',
    },
    tryThis: [
      { ko: 'TLS 포트를 주소로 쓰기', en: "the server's TLS port as the address" },
      {
        ko: 'kafka:// · redis:// 또는 tls= 빼기: 암호화하지 않음 (labctl.yaml: tls 없이)',
        en: 'kafka:// or redis://, without tls=: not encrypted (labctl.yaml: no tls)',
      },
    ],
  },
  'port-is-tls': {
    what: { ko: '이 포트는 TLS만 받음', en: 'this port speaks TLS, and was asked in plain text' },
    hint: 'tls=identity&ca=<file>',
    why: {
      ko: '평문으로 접속했지만 서버는 TLS를 기다립니다',
      en: 'it was asked in plain text where the server waits for TLS',
    },
    tryThis: [
      {
        ko: 'kafkas://… · rediss://… 또는 ?tls=identity (labctl.yaml: tls: true); 사설 CA이면 ca=<파일>도',
        en: 'kafkas://… or rediss://…, or ?tls=identity (labctl.yaml: tls: true); with ca=<file> for a CA of your own',
      },
    ],
  },
};

/** What a client was told when a connection failed. */
export interface ConnectFailure {
  readonly code?: string | undefined;
  readonly message: string;
}

/** Who failed, as in "broker b:9093". */
export interface FailedPlace {
  readonly engine: EngineName;
  readonly name: Text;
  readonly tls: Tls | undefined;
}

/** @returns undefined where it has nothing to do with TLS, or does not say so. */
export function tlsError({ engine, name, tls }: FailedPlace, failure: ConnectFailure): EngineError | undefined {
  const code = codeOf(failure, tls);
  const trouble = code === undefined ? undefined : troubleOf.get(code);
  if (code === undefined || trouble === undefined) return undefined;
  const { what, hint, why, tryThis } = adviceOn[trouble];
  const detail = detailOf(trouble, failure.message);
  return new EngineError(
    engine,
    {
      ko: `${name.ko}: ${what.ko}${detail} (${code})`,
      en: `${name.en}: ${what.en}${detail} (${code}); try ${hint}`,
    },
    { code, why, tryThis, cause: failure },
  );
}

/**
 * True where the server may be well, and only we and it do not agree on how to speak: it tells nothing about the server.
 * An expired certificate does: it shuts everybody out.
 */
export function isTlsDisagreement(error: unknown): boolean {
  const trouble = error instanceof EngineError ? troubleOf.get(String(error.code)) : undefined;
  return trouble !== undefined && trouble !== 'expired';
}

/** The advice for a reason that names such an error. Reasons travel as a line of text, and have its code in brackets. */
export function tlsAdviceIn(reason: string): Pick<Advice, 'why' | 'tryThis'> | undefined {
  for (const [, code = ''] of reason.matchAll(/\(([A-Z][A-Z_]+)\)/g)) {
    const trouble = troubleOf.get(code);
    if (trouble !== undefined) return adviceOn[trouble];
  }
  return undefined;
}

function codeOf({ code, message }: ConnectFailure, tls: Tls | undefined): string | undefined {
  const alert = alertIn(message);
  if (alert === undefined) return code;
  if (handshakeAlerts.has(alert)) return handshakeRefused;
  if (!certificateAlerts.has(alert)) return code;
  return tls?.cert === undefined ? certificateWanted : certificateRefused;
}

/** OpenSSL names the alert by its number, whatever it calls the error. */
function alertIn(message: string): number | undefined {
  const [, number] = /SSL alert number (\d+)/.exec(message) ?? [];
  return number === undefined ? undefined : Number(number);
}

const namesMax = 80;

/** What the server itself tells of it: the names in its certificate, or what it has against ours. */
function detailOf(trouble: Trouble, message: string): string {
  if (trouble === 'certificate-refused') {
    const alert = certificateAlerts.get(alertIn(message) ?? -1);
    return alert === undefined ? '' : `: ${alert}`;
  }
  if (trouble !== 'other-name') return '';
  const [, names = ''] = /cert's (?:altnames|list|CN): (.*)$/s.exec(message) ?? [];
  return names === '' ? '' : `: ${printable(names).slice(0, namesMax)}`;
}

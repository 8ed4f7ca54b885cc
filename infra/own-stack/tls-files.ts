import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { messageOf, UserError } from '../errors.ts';
import { quoted } from '../probes/native-commands.ts';
import type { Text } from '../text.ts';
import { type Tls, type TlsVerify, tlsOptions } from '../tls.ts';

export interface TlsFiles {
  readonly verify?: TlsVerify | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/**
 * Reads the certificates. Without a word about it the host's name is checked.
 * @throws UserError naming the file that cannot be read, is not what it is named as, or does not fit the other.
 */
export function readTls({ verify = 'identity', ca, cert, key }: TlsFiles): Tls {
  if ((cert === undefined) !== (key === undefined)) throw oneWithoutTheOther(cert ?? key ?? '');
  const tls: Tls = {
    verify,
    ...(ca === undefined ? {} : { ca: pemIn(ca, certificate), caFile: ca }),
    ...(cert === undefined ? {} : { cert: pemIn(cert, certificate), certFile: cert }),
    ...(key === undefined ? {} : { key: pemIn(key, privateKey), keyFile: key }),
  };
  fitting(tls);
  return tls;
}

interface PemKind {
  readonly marks: RegExp;
  readonly name: Text;
}

const certificate: PemKind = {
  marks: /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/,
  name: { ko: '인증서', en: 'a certificate' },
};
const privateKey: PemKind = {
  marks: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/,
  name: { ko: '개인 키', en: 'a private key' },
};

function pemIn(file: string, { marks, name }: PemKind): string {
  const text = readable(file);
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) throw withPassphrase(file);
  if (marks.test(text)) return text;
  throw new UserError(
    { ko: `${file}은(는) ${name.ko} 파일이 아닙니다`, en: `${file} holds no ${name.en.replace(/^a /, '')}` },
    {
      why: {
        ko: 'PEM 형식이어야 합니다 (-----BEGIN CERTIFICATE-----, -----BEGIN PRIVATE KEY-----)',
        en: 'it must be PEM (-----BEGIN CERTIFICATE-----, -----BEGIN PRIVATE KEY-----)',
      },
      tryThis: ['openssl pkcs12 -in <file.p12> -nodes -out <file.pem>'],
    },
  );
}

function oneWithoutTheOther(file: string): UserError {
  return new UserError(
    { ko: `${file}: cert와 key는 함께 주어야 합니다`, en: `${file}: cert and key belong together` },
    {
      why: {
        ko: '클라이언트 인증서는 그 개인 키가 있어야 쓸 수 있습니다',
        en: 'a client certificate is used with its private key',
      },
      tryThis: ['cert=<file>&key=<file>'],
    },
  );
}

function withPassphrase(file: string): UserError {
  return new UserError(
    { ko: `${file}: 암호가 걸린 키는 쓸 수 없습니다`, en: `${file}: a key with a passphrase cannot be used` },
    {
      why: { ko: '암호를 물어볼 곳이 없습니다', en: 'there is nowhere to ask for the passphrase' },
      tryThis: [`openssl pkey -in ${quoted(file)} -out <file.pem>`],
    },
  );
}

/** Else every connection would fail one by one, as if the server were at fault. @throws UserError */
function fitting(tls: Tls): void {
  try {
    createSecureContext(tlsOptions(tls));
  } catch (error) {
    const files = [tls.caFile, tls.certFile, tls.keyFile].filter((file) => file !== undefined).join(', ');
    throw new UserError(
      {
        ko: `TLS 파일을 함께 쓸 수 없습니다: ${files}`,
        en: `the files for TLS cannot be used together: ${files}`,
      },
      {
        why: (error as NodeJS.ErrnoException).code ?? messageOf(error),
        tryThis: [
          {
            ko: 'key가 그 cert의 키인지 확인: 다음 두 명령의 출력이 같아야 합니다',
            en: 'see whether the key is that of the certificate: these two must print the same',
          },
          `openssl x509 -in ${quoted(tls.certFile ?? '<cert>')} -noout -pubkey`,
          `openssl pkey -in ${quoted(tls.keyFile ?? '<key>')} -pubout`,
        ],
        cause: error,
      },
    );
  }
}

/** @throws UserError saying why the file cannot be read. */
export function readable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(
      { ko: `파일을 읽을 수 없습니다: ${file}`, en: `the file cannot be read: ${file}` },
      { why: code ?? String(error) },
    );
  }
}

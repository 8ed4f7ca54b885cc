import { readFileSync } from 'node:fs';
import { UserError } from '../errors.ts';
import type { Tls, TlsVerify } from '../tls.ts';

export interface TlsFiles {
  readonly verify?: TlsVerify | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Reads the certificates. Without a word about it the host's name is checked. @throws UserError naming the file. */
export function readTls({ verify = 'identity', ca, cert, key }: TlsFiles): Tls {
  return {
    verify,
    ...(ca === undefined ? {} : { ca: pemIn(ca), caFile: ca }),
    ...(cert === undefined ? {} : { cert: pemIn(cert) }),
    ...(key === undefined ? {} : { key: pemIn(key) }),
  };
}

function pemIn(file: string): string {
  const text = readable(file);
  if (text.includes('-----BEGIN ')) return text;
  throw new UserError(
    { ko: `${file}은(는) 인증서나 키 파일이 아닙니다`, en: `${file} holds no certificate or key` },
    { why: { ko: 'PEM 형식이어야 합니다 (-----BEGIN …)', en: 'it must be PEM (-----BEGIN …)' } },
  );
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

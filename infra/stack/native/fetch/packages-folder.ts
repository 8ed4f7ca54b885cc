import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** One package that apt would download, as `apt-get --print-uris` tells it. */
export interface ExpectedPackage {
  readonly file: string;
  readonly bytes: number;
  /** The name as Node's crypto knows it; undefined where apt names none that we can compute. */
  readonly hash: { readonly algorithm: string; readonly hex: string } | undefined;
}

const algorithms: Readonly<Record<string, string>> = {
  MD5Sum: 'md5',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA512: 'sha512',
};

/** Lines like `'http://…/libc6_2.36_amd64.deb' libc6_2.36_amd64.deb 2759320 MD5Sum:8d98…`; other lines are skipped. */
export function parsePrintedUris(output: string): readonly ExpectedPackage[] {
  return output.split('\n').flatMap((line) => {
    const [, file, bytes, name, hex] = /^'[^']+' (\S+) (\d+)(?: (\w+):([0-9a-f]+))?$/.exec(line.trim()) ?? [];
    if (file === undefined || bytes === undefined) return [];
    const algorithm = algorithms[name ?? ''];
    const hash = algorithm === undefined || hex === undefined ? undefined : { algorithm, hex };
    return [{ file, bytes: Number(bytes), hash }];
  });
}

/**
 * Leaves of an earlier download only what is wanted now and whole: apt itself would take a file of the right size at its
 * word, and unpacking takes every package it finds. What is half there stays in `partial`; apt goes on with it and checks
 * the whole.
 */
export function keepWholePackages(folder: string, expected: readonly ExpectedPackage[]): void {
  mkdirSync(join(folder, 'partial'), { recursive: true });
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.deb')) continue;
    const wanted = expected.find(({ file }) => file === name);
    if (wanted === undefined || !isWhole(join(folder, name), wanted)) rmSync(join(folder, name));
  }
  const begun = new Set(expected.map(({ file }) => file));
  // apt sets aside as .FAILED what did not match its hash.
  for (const name of readdirSync(join(folder, 'partial'))) {
    if (!begun.has(name)) rmSync(join(folder, 'partial', name), { recursive: true });
  }
}

function isWhole(file: string, { bytes, hash }: ExpectedPackage): boolean {
  if (hash === undefined || statSync(file).size !== bytes) return false;
  return createHash(hash.algorithm).update(readFileSync(file)).digest('hex') === hash.hex;
}
